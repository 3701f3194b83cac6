/** One server-sent event, as the HTML standard's "Server-sent events" clause dispatches it. */
export interface ServerSentEvent {
  readonly id: string;
  readonly type: string;
  readonly data: string;
}

/** Turns the text of a stream, cut anywhere, into events. */
export class SseParser {
  #rest = '';
  #data: string[] = [];
  #type = '';
  #id = '';

  /** The id to resume after. */
  get lastId(): string {
    return this.#id;
  }

  /** The server's wish for the pause before reconnecting, in milliseconds. */
  retryMs: number | null = null;

  constructor(lastId = '') {
    this.#id = lastId;
  }

  /** Takes the next piece of text and returns the events that it completes. */
  push(text: string): ServerSentEvent[] {
    const events: ServerSentEvent[] = [];
    // A lone CR at the end may be half of a CRLF: it waits for the next piece.
    const lines = (this.#rest + text).split(/\r\n|\n|\r(?!$)/);
    this.#rest = lines.pop() ?? '';
    for (const line of lines) {
      if (line.length > 0) this.#field(line);
      else {
        if (this.#data.length > 0)
          events.push({ id: this.#id, type: this.#type || 'message', data: this.#data.join('\n') });
        this.#data = [];
        this.#type = '';
      }
    }
    return events;
  }

  #field(line: string): void {
    const colon = line.indexOf(':');
    if (colon === 0) return;
    const name = colon < 0 ? line : line.slice(0, colon);
    const value = colon < 0 ? '' : line.slice(colon + 1).replace(/^ /, '');
    if (name === 'data') this.#data.push(value);
    else if (name === 'event') this.#type = value;
    else if (name === 'id' && !value.includes('\0')) this.#id = value;
    else if (name === 'retry' && /^\d+$/.test(value)) this.retryMs = Number(value);
  }
}
