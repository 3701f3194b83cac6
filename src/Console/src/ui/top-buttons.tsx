import { session } from '../server/session';
import { useStore } from '../store';
import { Icon } from './icon';
import { keyDialog } from './key-dialog';
import { theme, toggleTheme } from './theme';

/** Whose data is shown; opens the dialog for another key. */
export function KeyButton() {
  const { org, key } = useStore(session);
  return (
    <button type="button" class="top-button" onClick={() => keyDialog.set(true)} data-testid="key-button"
      title={key === null ? 'Reading without a key' : 'Acting with a key'}>
      <Icon name="key" /><span class="org">{org}</span>
    </button>
  );
}

/** Light or dark. */
export function ThemeButton() {
  const current = useStore(theme);
  return (
    <button type="button" class="top-button" onClick={toggleTheme}
      aria-label={current === 'dark' ? 'Use light colours' : 'Use dark colours'}>
      <Icon name={current === 'dark' ? 'sun' : 'moon'} />
    </button>
  );
}
