/** The mark and the name. */
export function Brand() {
  return (
    <a class="brand" href="#/" aria-label="Waypost, to the catalogue">
      <svg viewBox="0 0 32 32" aria-hidden="true" focusable="false">
        <path class="brand-path" d="M3 26c6 0 5-7 11-7" />
        <path class="brand-pin" d="M20.500 3a7.300 7.300 0 0 1 7.300 7.300c0 5.300-7.300 12.700-7.300 12.700s-7.300-7.400-7.300-12.700A7.300 7.300 0 0 1 20.500 3z" />
        <circle class="brand-eye" cx="20.500" cy="10.300" r="2.700" />
      </svg>
      <span>Waypost</span>
    </a>
  );
}
