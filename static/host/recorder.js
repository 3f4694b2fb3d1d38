// A recording by the microphone, as a WAV file: no codec of a browser is asked, for the server does not read them all.

/** Why there is no recording: the key of a text. */
export class NoMicrophone extends Error {}

/**
 * @typedef {{stop: () => Promise<Blob>, seconds: () => number}} Recording
 */

/**
 * Begin to record.
 * @param {string} worklet address of recorder_worklet.js.
 * @returns {Promise<Recording>}
 * @throws {NoMicrophone}
 */
export async function record(worklet) {
  const stream = await microphone();
  const context = new AudioContext();
  /** @type {Float32Array[]} */
  const parts = [];
  let count = 0;
  try {
    await context.audioWorklet.addModule(worklet);
    const source = context.createMediaStreamSource(stream);
    const recorder = new AudioWorkletNode(context, "recorder", { numberOfOutputs: 0 });
    recorder.port.onmessage = (event) => {
      parts.push(event.data);
      count += event.data.length;
    };
    source.connect(recorder);
  } catch (error) {
    release(stream, context);
    throw error;
  }
  return {
    seconds: () => count / context.sampleRate,
    async stop() {
      release(stream, context);
      return wav(parts, count, context.sampleRate);
    },
  };
}

/** @param {MediaStream} stream @param {AudioContext} context */
function release(stream, context) {
  for (const track of stream.getTracks()) track.stop();
  context.close();
}

async function microphone() {
  if (!navigator.mediaDevices?.getUserMedia) throw new NoMicrophone("mic_insecure");
  try {
    return await navigator.mediaDevices.getUserMedia({ audio: { channelCount: 1 } });
  } catch (error) {
    const name = /** @type {Error} */ (error).name;
    throw new NoMicrophone(name === "NotFoundError" ? "mic_missing" : "mic_refused");
  }
}

/** @param {Float32Array[]} parts @param {number} count of samples. @param {number} rate samples a second. */
function wav(parts, count, rate) {
  const view = new DataView(new ArrayBuffer(44 + 2 * count));
  const word = (/** @type {number} */ at, /** @type {string} */ text) => {
    for (let index = 0; index < text.length; index += 1) view.setUint8(at + index, text.charCodeAt(index));
  };
  word(0, "RIFF");
  view.setUint32(4, 36 + 2 * count, true);
  word(8, "WAVEfmt ");
  view.setUint32(16, 16, true);
  view.setUint16(20, 1, true); // PCM
  view.setUint16(22, 1, true); // one channel
  view.setUint32(24, rate, true);
  view.setUint32(28, 2 * rate, true);
  view.setUint16(32, 2, true);
  view.setUint16(34, 16, true);
  word(36, "data");
  view.setUint32(40, 2 * count, true);
  let at = 44;
  for (const part of parts) {
    for (const sample of part) {
      view.setInt16(at, Math.max(-1, Math.min(1, sample)) * 0x7fff, true);
      at += 2;
    }
  }
  return new Blob([view], { type: "audio/wav" });
}
