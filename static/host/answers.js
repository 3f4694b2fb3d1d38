// Rows of bars: how the answers to a question are distributed.

import { text } from "../js/dom.js";

const SVG = "http://www.w3.org/2000/svg";

function bar(share, right) {
    const svg = document.createElementNS(SVG, "svg");
    svg.setAttribute("viewBox", "0 0 100 10");
    svg.setAttribute("preserveAspectRatio", "none");
    svg.setAttribute("aria-hidden", "true");
    const rect = document.createElementNS(SVG, "rect");
    rect.setAttribute("width", String(100 * share));
    rect.setAttribute("height", "10");
    rect.setAttribute("class", right ? "qz-part qz-correct" : "qz-bar");
    svg.append(rect);
    return svg;
}

function row({ label, count, right, note }, largest) {
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
    number.textContent = note ? `${count} · ${note}` : String(count);
    item.append(mark, given, bar(largest ? count / largest : 0, right), number);
    return item;
}

function bars(rows, largest) {
    return rows.map((line) => row(line, largest));
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
        return [...chosen].map(([label, count]) => ({ label, count, right: right.has(label) }));
    }
    if (question.kind === "order") {
        const solution = JSON.stringify(question.correct_answers);
        return Object.entries(counts).map(([answer, count]) => {
            const sequence = JSON.parse(answer);
            return { label: sequence.join(" → "), count, right: JSON.stringify(sequence) === solution };
        });
    }
    const options = question.options.length ? question.options : Object.keys(counts);
    return options.map((label) => ({ label, count: counts[label] ?? 0, right: right.has(label) }));
}

export function answerRows(question, counts) {
    const rows = rowsOf(question, counts);
    return bars(rows.slice(0, 12), Math.max(1, ...rows.map((line) => line.count)));
}

answerRows.bars = bars;
