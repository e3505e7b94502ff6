/** A request as it goes over the wire. It holds secrets: it is never logged. */
export interface WireRequest {
  readonly method: string;
  /** `https://api.example.com:8443` */
  readonly origin: string;
  /** Path and query, escaped. */
  readonly path: string;
  /** By names in lower case. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string;
}

/** What signatures are made with beside keys. */
export interface SignContext {
  /** Milliseconds since 1970. */
  readonly now: number;
  /** Never the same twice. */
  readonly nonce: string;
}

/** The request with these header fields laid over its own. */
export function withHeaders(request: WireRequest, headers: Readonly<Record<string, string>>): WireRequest {
  return { ...request, headers: { ...request.headers, ...headers } };
}

export function hostOf(request: WireRequest): string {
  return new URL(request.origin).host;
}
