/** The mark and the name. */
export function Brand() {
  return (
    <a class="brand" href="#/" aria-label="Waypost, to the catalogue">
      <svg viewBox="0 0 32 32" aria-hidden="true" focusable="false">
        <path class="brand-path" d="M3 26c6 0 5-7 11-7" />
        <path class="brand-pin"
          d="M20.5 3a7.3 7.3 0 0 1 7.3 7.3c0 5.3-7.3 12.7-7.3 12.7s-7.3-7.4-7.3-12.7A7.3 7.3 0 0 1 20.5 3z" />
        <circle class="brand-eye" cx="20.500" cy="10.300" r="2.700" />
      </svg>
      <span>Waypost</span>
    </a>
  );
}
