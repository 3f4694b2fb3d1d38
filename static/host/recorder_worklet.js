// Hands the samples of a microphone to the page, in the order in which they come.

/**
 * What a worklet has around it: this script has no window.
 * @typedef {{AudioWorkletProcessor: new () => {port: MessagePort},
 *   registerProcessor(name: string, processor: new () => {port: MessagePort}): void}} Around
 */
const { AudioWorkletProcessor, registerProcessor } = /** @type {typeof globalThis & Around} */ (globalThis);

class Recorder extends AudioWorkletProcessor {
  /** @param {Float32Array[][]} inputs the channels of each input; there is one of both. */
  process([[channel]]) {
    if (channel) this.port.postMessage(channel.slice());
    return true;
  }
}

registerProcessor("recorder", Recorder);
