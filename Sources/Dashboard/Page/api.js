// Talks to the JSON API: conditional requests, one deadline each, and a poller that backs off.

export class SignInNeeded extends Error {}

export class Refused extends Error {
  constructor(status, message, retryAfter) {
    super(message);
    this.status = status;
    this.retryAfter = retryAfter;
  }
}

const deadline = 10000;

/** The server's clock, as far as its answers tell: a wrong clock of this machine must not make a source look old. */
export const clock = { skew: 0, now: () => Date.now() + clock.skew };

/** One resource that is asked for again and again; its last good body stays the same object while nothing is new. */
export class Resource {
  constructor(path) {
    this.path = path;
    this.url = null;
    this.etag = null;
    this.body = null;
  }

  /** Brings the body up to date. The browser's own cache stays out, so that a 304 can be seen. */
  async refresh(query = {}) {
    const url = `${this.path}?${new URLSearchParams(Object.entries(query).filter(([, value]) => value))}`;
    if (url !== this.url) this.etag = null;
    const headers = { Accept: 'application/json' };
    if (this.etag) headers['If-None-Match'] = this.etag;
    const answer = await send(url, { headers });
    if (answer.status === 304) return;
    this.body = await answer.json();
    this.etag = answer.headers.get('ETag');
    this.url = url;
  }
}

export async function post(path, body) {
  const headers = { 'Content-Type': 'application/json' };
  const answer = await send(path, { method: 'POST', headers, body: body ? JSON.stringify(body) : undefined });
  return answer.json();
}

async function send(url, options) {
  const signal = AbortSignal.timeout(deadline);
  const answer = await fetch(url, { ...options, cache: 'no-store', credentials: 'same-origin', signal });
  const date = Date.parse(answer.headers.get('Date') ?? '');
  if (!Number.isNaN(date)) clock.skew = date - Date.now();
  if (answer.ok || answer.status === 304) return answer;
  if (answer.status === 401) throw new SignInNeeded();
  const problem = await answer.json().catch(() => ({}));
  const retryAfter = Number(answer.headers.get('Retry-After')) || 0;
  throw new Refused(answer.status, problem.detail ?? `The server answered ${answer.status}.`, retryAfter);
}

const interval = 15000;
const longest = 300000;

/** Calls `work` every 15 s while the page is visible; after failures it waits twice as long each time. */
export class Poller {
  constructor({ work, onGood, onBad }) {
    Object.assign(this, { work, onGood, onBad });
    this.missed = 0;
    this.timer = null;
    this.running = null;
    document.addEventListener('visibilitychange', () => (document.hidden ? this.pause() : this.now()));
    addEventListener('online', () => this.now());
  }

  pause() {
    clearTimeout(this.timer);
  }

  /** Polls at once. A call during a poll makes another one follow, since the question may have changed. */
  async now() {
    this.pause();
    if (this.running) {
      this.again = true;
      return this.running;
    }
    this.running = this.poll();
    await this.running;
    this.running = null;
    if (this.again) {
      this.again = false;
      return this.now();
    }
  }

  async poll() {
    let delay = interval;
    try {
      await this.work();
      this.missed = 0;
      this.onGood();
    } catch (error) {
      this.missed += 1;
      this.onBad(error, this.missed);
      if (error instanceof SignInNeeded) return;
      const backoff = Math.min(interval * 2 ** (this.missed - 1), longest) * (0.8 + 0.4 * Math.random());
      delay = Math.max(backoff, (error.retryAfter ?? 0) * 1000);
    }
    if (!document.hidden) this.timer = setTimeout(() => this.now(), delay);
  }
}
