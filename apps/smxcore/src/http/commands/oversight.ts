import type { View } from '@smx-edge/access';

/** Whether a principal commands a set-point as its owner: it then sees and ends what others command there. */
export function oversees(view: View, handle: number | undefined): boolean {
  return handle !== undefined && view.command(handle)?.authority === 'owner';
}

/** Whether what a party commands is not the owner's to end. */
export function isAbove({ authority }: { readonly authority: string }): boolean {
  return authority === 'emergency' || authority === 'dso';
}
