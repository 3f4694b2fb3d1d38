// Rows of bars: how the answers to a question are distributed.

import { hue, optionText, shape, text } from "../js/dom.js";

const SVG = "http://www.w3.org/2000/svg";

/** A bar of two stretches: what was right, then the rest. Shares of the whole, 0 to 1. */
function bar(right, rest) {
    const svg = document.createElementNS(SVG, "svg");
    svg.setAttribute("viewBox", "0 0 100 10");
    svg.setAttribute("preserveAspectRatio", "none");
    svg.setAttribute("aria-hidden", "true");
    for (const [from, share, look] of [
        [0, right, "qz-part qz-correct"],
        [right, rest, "qz-bar"],
    ]) {
        const rect = document.createElementNS(SVG, "rect");
        rect.setAttribute("x", String(100 * from));
        rect.setAttribute("width", String(100 * share));
        rect.setAttribute("height", "10");
        rect.setAttribute("class", look);
        svg.append(rect);
    }
    return svg;
}

/** Where the hall sees a shape and a colour, so does the host: "the triangle" is the same on all pages. */
function sign(option) {
    const node = document.createElement("span");
    if (option !== undefined) {
        node.className = `qz-shape ${hue(option)}`;
        node.append(shape(option));
    }
    return node;
}

function row({ label, count, right, option }, largest) {
    const item = document.createElement("li");
    const mark = document.createElement("span");
    mark.className = right ? "qz-mark qz-correct" : "qz-mark";
    if (right) {
        const told = document.createElement("span");
        told.className = "qz-hidden";
        told.textContent = text("right");
        mark.append(told);
    }
    const given = document.createElement("bdi");
    given.textContent = label;
    const number = document.createElement("span");
    number.className = "qz-count";
    number.textContent = String(count);
    const share = count / largest;
    item.append(sign(option), given, mark, right ? bar(share, 0) : bar(0, share), number);
    return item;
}

/** The answers given, as rows: every option for questions that have some, else the most frequent answers. */
function rowsOf(question, counts) {
    const right = new Set(question.correct_answers);
    if (question.kind === "multi") {
        const chosen = new Map(question.options.map((option) => [option, 0]));
        for (const [answer, count] of Object.entries(counts)) {
            for (const option of JSON.parse(answer)) {
                chosen.set(option, (chosen.get(option) ?? 0) + count);
            }
        }
        return [...chosen].map(([label, count], option) => ({ label, count, right: right.has(label), option }));
    }
    if (question.kind === "order") {
        const solution = JSON.stringify(question.correct_answers);
        return Object.entries(counts).map(([answer, count]) => {
            const sequence = JSON.parse(answer);
            return { label: sequence.join(" → "), count, right: JSON.stringify(sequence) === solution };
        });
    }
    if (question.options.length) {
        return question.options.map((answer, option) => ({
            label: optionText(question, answer),
            count: counts[answer] ?? 0,
            right: right.has(answer),
            option,
        }));
    }
    return Object.keys(counts).map((label) => ({ label, count: counts[label], right: right.has(label) }));
}

export function answerRows(question, counts) {
    const rows = rowsOf(question, counts);
    const largest = Math.max(1, ...rows.map((line) => line.count));
    return rows.slice(0, 12).map((line) => row(line, largest));
}

/** Self pace: how many of the players have answered each question, and how many rightly. */
export function progressRows(questions, progress, players) {
    return progress.map(({ answered, correct }, index) => {
        const item = document.createElement("li");
        const asked = document.createElement("bdi");
        asked.textContent = `${index + 1}. ${questions[index].text}`;
        const number = document.createElement("span");
        number.className = "qz-count";
        number.textContent = text("answered_right", { answered, correct });
        const all = Math.max(1, players, answered);
        item.append(asked, number, bar(correct / all, (answered - correct) / all));
        return item;
    });
}
