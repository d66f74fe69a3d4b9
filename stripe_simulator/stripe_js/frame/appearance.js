/** How the fields look: the brand's badge, and the `style` option of an Element. */

const STYLE_PROPERTIES = [
  'backgroundColor',
  'color',
  'fontFamily',
  'fontSize',
  'fontStyle',
  'fontVariant',
  'fontWeight',
  'letterSpacing',
  'lineHeight',
  'textAlign',
  'textDecoration',
  'textShadow',
  'textTransform',
];
const STYLE_VARIANTS = {
  base: 'input',
  empty: 'input.empty',
  complete: 'input.complete',
  invalid: 'input.invalid',
};
const STYLE_PSEUDO = [':hover', ':focus', '::placeholder', '::selection', ':disabled'];

const styleOption = new CSSStyleSheet();
document.adoptedStyleSheets = [styleOption];

function applyStyle(style) {
  styleOption.replaceSync('');
  for (const [variant, selector] of Object.entries(STYLE_VARIANTS)) {
    const properties = style?.[variant] ?? {};
    addStyleRule(selector, properties);
    for (const pseudo of STYLE_PSEUDO) addStyleRule(selector + pseudo, properties[pseudo] ?? {});
  }
  const iconColor = style?.base?.iconColor;
  if (iconColor) addRule('.icon', { color: iconColor });
}

function addStyleRule(selector, properties) {
  const allowed = STYLE_PROPERTIES.filter((name) => name in properties);
  if (allowed.length > 0) {
    addRule(selector, Object.fromEntries(allowed.map((name) => [name, properties[name]])));
  }
}

function addRule(selector, properties) {
  // Set through the object model, so that a value can't end its rule and begin another.
  const { style } =
    styleOption.cssRules[styleOption.insertRule(`${selector} {}`, styleOption.cssRules.length)];
  for (const [name, value] of Object.entries(properties)) style[name] = String(value);
}

function badgeOf(brand) {
  const svg = svgElement('svg', { viewBox: '0 0 32 20', class: 'icon', 'aria-hidden': 'true' });
  const badge = BADGES[brand];
  if (badge) {
    const [color, text] = badge;
    const label = svgElement('text', { x: 16, y: 13.5 });
    label.textContent = text;
    svg.append(svgElement('rect', { width: 32, height: 20, rx: 3, fill: color }), label);
  } else {
    svg.append(
      svgElement('rect', { x: 1, y: 1, width: 30, height: 18, rx: 2.5, class: 'outline' }),
      svgElement('rect', { y: 5, width: 32, height: 4, fill: 'currentColor' }),
    );
  }
  return svg;
}

function svgElement(tag, attributes) {
  const element = document.createElementNS('http://www.w3.org/2000/svg', tag);
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
  return element;
}
