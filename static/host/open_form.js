// The form that opens a session: what is a homework's is asked for a homework alone, in the time zone of this device.

const paces = /** @type {NodeListOf<HTMLInputElement>} */ (document.querySelectorAll('input[name="pace"]'));
const homework = /** @type {HTMLFieldSetElement} */ (document.getElementById("homework"));
const zone = /** @type {HTMLSelectElement} */ (homework.querySelector('select[name="time_zone"]'));

/** What a homework says in words of its own, or does not have. */
const others = ["reveal", "scoring"].map(
  (name) => /** @type {HTMLElement | null} */ (document.querySelector(`.qz-field:has([name="${name}"])`)),
);

function show() {
  const wanted = [...paces].some((pace) => pace.checked && pace.value === "homework");
  homework.hidden = !wanted;
  for (const field of others) if (field) field.hidden = wanted;
}

for (const pace of paces) pace.addEventListener("change", show);
show();

// What was sent and refused stays as it was chosen.
if (!homework.dataset.sent) {
  const here = Intl.DateTimeFormat().resolvedOptions().timeZone;
  if ([...zone.options].some((option) => option.value === here)) zone.value = here;
}
