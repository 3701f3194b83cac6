import { address, getJson } from './request';

/** The organization of a key; a key that is not known is refused with a Problem. */
export async function organizationOf(key: string): Promise<string> {
  const me = await getJson<{ org_id: string }>(address('api/v1/me'), undefined, key);
  return me.org_id;
}
