/** An answer that is not what was asked for: the server's RFC 9457 problem, or the reason why none came. */
export class Problem extends Error {
  constructor(
    /** The HTTP status; 0 when no answer came. */
    readonly status: number,
    /** The stable code: KEY_NEEDED, NOT_FOUND, … */
    readonly code: string,
    sentence: string,
    /** What to do about it. */
    readonly remedy: string | null,
  ) {
    super(sentence);
  }

  /** True when a key, or another one, would help. */
  get needsKey(): boolean {
    return this.status === 401 || this.status === 403;
  }

  static unreachable(): Problem {
    return new Problem(0, 'UNREACHABLE', 'The server does not answer.', 'Check that it is running, then try again.');
  }

  /** What a stream says when it ends because of its reader: the key it was opened with no longer works. */
  static ended(json: string): Problem {
    const { code, detail, remedy } = JSON.parse(json) as { code: string; detail: string; remedy?: string };
    return new Problem(code.startsWith('KEY') ? 401 : 0, code, detail, remedy ?? null);
  }

  /** Reads the problem out of a refused answer, whatever its body is. */
  static async of(response: Response): Promise<Problem> {
    const fallback = `The server answered ${response.status} ${response.statusText}`.trim() + '.';
    const type = response.headers.get('content-type') ?? '';
    if (!type.includes('json')) return new Problem(response.status, `HTTP_${response.status}`, fallback, null);
    const body: unknown = await response.json().catch(() => null);
    const text = (name: string): string | null => {
      const value = (body as Record<string, unknown> | null)?.[name];
      return typeof value === 'string' && value.length > 0 ? value : null;
    };
    return new Problem(
      response.status,
      text('code') ?? `HTTP_${response.status}`,
      text('detail') ?? text('error') ?? text('title') ?? fallback,
      text('remedy'),
    );
  }
}

/** Whatever was thrown, as a problem that can be shown. */
export function asProblem(thrown: unknown): Problem {
  if (thrown instanceof Problem) return thrown;
  if (thrown instanceof TypeError) return Problem.unreachable();
  return new Problem(0, 'UNEXPECTED', thrown instanceof Error ? thrown.message : String(thrown), null);
}
