/** The keys that a control on a card handles itself and keeps from the notebook around it. Knows no view. */

const TEXT_BOX = 'textarea, input, select';

/**
 * Stop a key that the control handles. In a text box or a list of choices that is every key, except in combination with Ctrl or Meta:
 * Ctrl+S saves the notebook. Enter and the space bar are always the control's, or Ctrl+Enter would run the cell again.
 */
export function keepOwnKeys(event: Event): void {
  const { key, ctrlKey, metaKey, target } = event as KeyboardEvent;
  const isTyping = (target as Element).matches(TEXT_BOX) && !ctrlKey && !metaKey;
  if ('Enter '.includes(key) || isTyping) event.stopPropagation();
}
