// Hands the samples of a microphone to the page, in the order in which they come.

const { AudioWorkletProcessor, registerProcessor } = globalThis;

class Recorder extends AudioWorkletProcessor {
  process([[channel]]) {
    if (channel) this.port.postMessage(channel.slice());
    return true;
  }
}

registerProcessor("recorder", Recorder);
