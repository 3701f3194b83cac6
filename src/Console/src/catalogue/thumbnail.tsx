import { useEffect, useState } from 'preact/hooks';
import { ask, onThisOrigin } from '../server/request';
import { session } from '../server/session';
import { useStore } from '../store';
import { Icon } from '../ui/icon';
import type { Asset } from './stac';

/** A small picture of an item; a drawing stands in where there is none. */
export function Thumbnail({ asset, alt }: { asset: Asset | null; alt: string }) {
  const { key } = useStore(session);
  const [picture, setPicture] = useState<string | null>(null);
  useEffect(() => {
    setPicture(null);
    if (!asset) return undefined;
    const ours = isOurs(asset.href);
    // A picture element sends no key, so a server that wants one is asked by hand.
    if (!ours || key === null) {
      setPicture(ours ? onThisOrigin(asset.href) : asset.href);
      return undefined;
    }
    const leaving = new AbortController();
    let made: string | null = null;
    ask(onThisOrigin(asset.href), { signal: leaving.signal })
      .then((response) => response.blob())
      .then((blob) => setPicture((made = URL.createObjectURL(blob))))
      .catch(() => setPicture(null));
    return () => {
      leaving.abort();
      if (made !== null) URL.revokeObjectURL(made);
    };
  }, [asset?.href, key]);
  return (
    <span class="thumbnail">
      {picture === null
        ? <Icon name="layers" />
        : <img src={picture} alt={alt} loading="lazy" decoding="async" onError={() => setPicture(null)} />}
    </span>
  );
}

// Links are absolute; behind a proxy their origin may be the inner one, so the known paths count as ours too.
function isOurs(href: string): boolean {
  const url = new URL(href, document.baseURI);
  if (url.origin === location.origin) return true;
  return url.hostname === location.hostname && /\/(tiles|platform)\//.test(url.pathname);
}
