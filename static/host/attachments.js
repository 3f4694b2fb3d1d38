// The picture and the recording of a question or a word: dropped, pasted, chosen or recorded. Each is sent at once and
// stored by the server, and its address goes into the form's own field; what nothing shows is deleted after a day.

import { h, page as own, sure, text } from "../shared/dom.js";
import { NoMicrophone, record } from "./recorder.js";

/**
 * What the server gives the page of a quiz or a word list. `base`: where it lives; `images`, `sounds`: where files are
 * sent; `language`: where it asks in which language answers are; `sound_seconds`: the longest recording; `adding`, `refused`, `stored`: how the form of a quiz stands.
 * @typedef {typeof own & {base: string, images: string, sounds: string, language: string, worklet: string, sound_seconds: number,
 *   adding?: boolean, refused?: boolean, stored?: boolean}} FormPage
 */
export const page = /** @type {FormPage} */ (own);

const TICK_MS = 250;

/**
 * @typedef {import("./row.js").Fields} Fields
 * @typedef {{image: string, place: Element}} Where the name of the field of the picture, and what this stands after.
 */

export class Attachments {
  /** @param {HTMLElement} row @param {Fields} field @param {Where} where */
  constructor(row, field, { image, place }) {
    this.field = field;
    this.image = image;
    this.shown = h("div.qz-attached");
    this.told = h("p.qz-help", { role: "status" });
    this.chooser = h("input", { type: "file", accept: "image/*,audio/*", hidden: true, form: "" });
    this.chooser.addEventListener("change", () => {
      this.#take([...(this.chooser.files ?? [])]);
      this.chooser.value = "";
    });
    this.mic = h(
      "button.qz-button.qz-small",
      { type: "button", "aria-pressed": "false", onclick: () => this.#record() },
      text("record"),
    );
    const choose = h(
      "button.qz-button.qz-small",
      { type: "button", onclick: () => this.chooser.click() },
      text("choose_file"),
    );
    this.node = h(
      "div.qz-attachments",
      { role: "group", "aria-label": text("attachments") },
      h("p.qz-help", {}, text("drop_here")),
      h("div.qz-actions", {}, this.mic, choose),
      this.chooser,
      this.told,
      this.shown,
    );
    place.after(this.node);
    this.#watch(row);
    this.draw();
  }

  /** The fields have other values now. */
  draw() {
    const image = this.#own(this.field(this.image)?.value ?? "");
    const sound = this.#own(this.field("sound")?.value ?? "");
    const away = (/** @type {string} */ name, /** @type {string} */ label) =>
      h("button.qz-button.qz-small", { type: "button", onclick: () => this.#set(name, "") }, text(label));
    this.shown.replaceChildren(
      ...(image
        ? [h("div", {}, h("img.qz-picture", { src: image, alt: "" }), away(this.image, "remove_picture"))]
        : []),
      ...(sound
        ? [h("div", {}, h("audio", { controls: true, preload: "none", src: sound }), away("sound", "remove_recording"))]
        : []),
    );
  }

  /** Where this page gets it, if it is ours. @param {string} address */
  #own(address) {
    return address.startsWith("/") ? page.base + address : "";
  }

  /** @param {string} name @param {string} address */
  #set(name, address) {
    const field = sure(this.field(name));
    field.value = address;
    // Whoever adds a recording wants it heard.
    const listen = this.field("listen");
    if (name === "sound" && address && listen && !listen.value) listen.value = "beside";
    this.draw();
    field.dispatchEvent(new Event("input", { bubbles: true }));
  }

  /** @param {HTMLElement} row */
  #watch(row) {
    const files = (/** @type {DataTransfer | null} */ moved) => [...(moved?.files ?? [])];
    row.addEventListener("paste", (event) => {
      const pasted = files(event.clipboardData);
      if (!pasted.length) return;
      event.preventDefault();
      this.#take(pasted);
    });
    row.addEventListener("dragover", (event) => {
      if (!event.dataTransfer?.types.includes("Files")) return;
      event.preventDefault();
      this.node.dataset.over = "";
    });
    row.addEventListener("dragleave", () => delete this.node.dataset.over);
    row.addEventListener("drop", (event) => {
      const dropped = files(event.dataTransfer);
      delete this.node.dataset.over;
      if (!dropped.length) return;
      event.preventDefault();
      this.#take(dropped);
    });
  }

  /** @param {File[]} files */
  async #take(files) {
    for (const file of files) {
      const kind = file.type.split("/")[0];
      if (kind === "image") await this.#send(file, page.images, this.image);
      else if (kind === "audio" || kind === "video") await this.#send(file, page.sounds, "sound");
      else this.told.textContent = text("no_attachment");
    }
  }

  /** @param {Blob} file @param {string} address @param {string} name */
  async #send(file, address, name) {
    this.told.textContent = text("sending_file");
    try {
      const token = /** @type {HTMLInputElement} */ (document.querySelector("input[name=csrfmiddlewaretoken]")).value;
      const response = await fetch(address, {
        method: "POST",
        headers: { "X-CSRFToken": token, "Content-Type": "application/octet-stream", Accept: "application/json" },
        body: file,
        credentials: "same-origin",
      });
      const answer = await response.json();
      if (response.status !== 201) {
        this.told.textContent = answer.detail ?? text("not_sent");
        return;
      }
      this.told.textContent = "";
      this.#set(name, answer.address);
    } catch {
      this.told.textContent = text("not_sent");
    }
  }

  async #record() {
    if (this.stop) {
      this.stop();
      return;
    }
    this.mic.disabled = true;
    try {
      const recording = await record(page.worklet);
      const clock = setInterval(() => {
        const seconds = Math.floor(recording.seconds());
        this.mic.textContent = text("stop_recording", { seconds });
        if (seconds >= page.sound_seconds - 1) this.stop?.();
      }, TICK_MS);
      this.mic.textContent = text("stop_recording", { seconds: 0 });
      this.mic.setAttribute("aria-pressed", "true");
      this.told.textContent = "";
      this.stop = async () => {
        this.stop = null;
        clearInterval(clock);
        this.mic.textContent = text("record");
        this.mic.setAttribute("aria-pressed", "false");
        await this.#send(await recording.stop(), page.sounds, "sound");
      };
    } catch (error) {
      this.told.textContent = text(error instanceof NoMicrophone ? error.message : "not_sent");
    } finally {
      this.mic.disabled = false;
    }
  }

  /** @type {(() => Promise<void>) | null} */
  stop = null;
}
