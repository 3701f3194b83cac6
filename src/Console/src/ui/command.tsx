import { useState } from 'preact/hooks';
import { Icon } from './icon';

const thanksMs = 1_500;

/** A command to run in a terminal, with a button that copies it. */
export function Command({ text }: { text: string }) {
  const [copied, setCopied] = useState(false);
  const copy = async (): Promise<void> => {
    await navigator.clipboard.writeText(text);
    setCopied(true);
    setTimeout(() => setCopied(false), thanksMs);
  };
  return (
    <div class="command">
      <pre><code>{text}</code></pre>
      {window.isSecureContext && (
        <button type="button" class="icon-button" onClick={() => void copy()} aria-label="Copy the command">
          <Icon name={copied ? 'check' : 'copy'} />
        </button>
      )}
    </div>
  );
}
