import { signal } from '@preact/signals';

const preference = window.matchMedia('(prefers-color-scheme: dark)');

/** Whether the device asks for dark colours; the style sheet follows by itself, canvases do not. */
export const darkness = signal(preference.matches);
preference.addEventListener('change', () => (darkness.value = preference.matches));
