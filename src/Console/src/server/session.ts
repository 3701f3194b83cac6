import { Store } from '../store';

/** Who this browser tab acts as. */
export interface Session {
  /** The key sent with every request; null: reads without one. */
  readonly key: string | null;
  /** The organization the key belongs to; its jobs and events are the ones shown. */
  readonly org: string;
}

const keyName = 'waypost.key';
const orgName = 'waypost.org';
const openOrg = 'default';

/** Kept in the tab's session storage only: closing the tab forgets the key. */
export const session = new Store<Session>({
  key: sessionStorage.getItem(keyName),
  org: sessionStorage.getItem(orgName) ?? openOrg,
});

/** Acts with this key from now on. */
export function signIn(key: string, org: string): void {
  sessionStorage.setItem(keyName, key);
  sessionStorage.setItem(orgName, org);
  session.set({ key, org });
}

/** Forgets the key. */
export function signOut(): void {
  sessionStorage.removeItem(keyName);
  sessionStorage.removeItem(orgName);
  session.set({ key: null, org: openOrg });
}
