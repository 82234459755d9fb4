// Returns what is wrong with the projector page: see projector.py.
([body, bar, contrast]) => {
  const scale = Math.min(innerWidth / 1280, innerHeight / 720);
  const faults = [];
  for (const part of [document.scrollingElement, ...document.querySelectorAll(
      '[data-testid=stMain], [data-testid=stMainBlockContainer]')]) {
    if (part.scrollHeight > part.clientHeight + 1 || part.scrollWidth > part.clientWidth + 1)
      faults.push(`scrolls: ${part.className || part.tagName} by ${part.scrollHeight - part.clientHeight}`);
  }
  const keys = document.querySelector('.st-key-meeting_bar');
  const floor = keys.getBoundingClientRect().top;
  const tops = [...keys.children].map((part) => Math.round(part.getBoundingClientRect().top));
  if (Math.max(...tops) - Math.min(...tops) > 4 * scale) faults.push(`bar breaks: ${tops}`);
  for (const part of document.querySelectorAll('.st-key-meeting_corrected p')) {
    if (part.getBoundingClientRect().height > 2 * body * scale) faults.push(`more than a line: ${part.innerText}`);
  }
  const parse = (words) => (words.match(/[\d.]+/g) || [0, 0, 0, 0]).map(Number);
  const over = (front, back, opacity = 1) => {
    const alpha = (front.length > 3 ? front[3] : 1) * opacity;
    return [0, 1, 2].map((place) => front[place] * alpha + back[place] * (1 - alpha));
  };
  const light = (colour) => {
    const [r, g, b] = colour.map((each) => each / 255).map((v) => v <= 0.03928 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4);
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const opacityOf = (part) => {
    let all = 1;
    for (let at = part; at && at.tagName !== 'BODY'; at = at.parentElement) {
      const style = getComputedStyle(at);
      all *= Number(style.opacity) * (at.ownerSVGElement && at === part ? Number(style.fillOpacity) : 1);
    }
    return all;
  };
  const behind = (part, x, y) => {
    const under = document.elementsFromPoint(x, y);
    const from = under.indexOf(part) + 1;
    const layers = [];
    for (const each of under.slice(from)) {
      const style = getComputedStyle(each);
      const colour = each.ownerSVGElement ? (style.fill === 'none' ? null : parse(style.fill)) : parse(style.backgroundColor);
      if (!colour || each.tagName === 'text') continue;
      const alpha = (colour.length > 3 ? colour[3] : 1) * (each.ownerSVGElement ? opacityOf(each) : 1);
      if (alpha > 0) layers.push([colour, alpha]);
      if (alpha >= 1) break;
    }
    return layers.reverse().reduce((back, [colour, alpha]) => over([...colour.slice(0, 3), alpha], back), [255, 255, 255]);
  };
  for (const root of document.querySelectorAll('.st-key-meeting_top, .st-key-meeting_page, .st-key-meeting_bar')) {
    const walk = document.createTreeWalker(root, NodeFilter.SHOW_TEXT);
    while (walk.nextNode()) {
      const words = walk.currentNode.textContent.trim();
      const part = walk.currentNode.parentElement;
      if (!words || part.closest('style, script, [aria-hidden=true]:not(svg *), [data-testid=stElementToolbar], button:disabled')) continue;
      if (part.closest('[data-testid^=stIcon]')) continue;
      const range = document.createRange();
      range.selectNodeContents(walk.currentNode);
      const box = range.getBoundingClientRect();
      const style = getComputedStyle(part);
      if (box.width < 1 || style.visibility === 'hidden' || Number(style.opacity) === 0) continue;
      const clip = part.closest('[class*=vega] details');
      if (clip) continue;
      const drawing = part.ownerSVGElement;
      const stretch = drawing ? drawing.getBoundingClientRect().width / drawing.viewBox.baseVal.width : 1;
      const zoom = part.currentCSSZoom || 1;
      const size = parseFloat(style.fontSize) * stretch * (drawing ? 1 : zoom);
      const isBar = root === keys;
      if (size < (isBar ? bar : body) * scale - 0.6) faults.push(`small: ${words} ${size.toFixed(1)}`);
      if (box.left < -1 || box.right > innerWidth + 1 || box.top < -1 || box.bottom > (isBar ? innerHeight : floor) + 1)
        faults.push(`outside: ${words}`);
      const ink = drawing ? parse(style.fill) : parse(style.color);
      const back = behind(part, box.left + box.width / 2, box.top + box.height / 2);
      const front = over(ink, back, opacityOf(part));
      const [low, high] = [light(front), light(back)].sort((a, b) => a - b);
      const ratio = (high + 0.05) / (low + 0.05);
      if (ratio < contrast) faults.push(`faint: ${words} ${ratio.toFixed(2)} ${front.map(Math.round)} on ${back.map(Math.round)}`);
    }
  }
  const cut = [...document.querySelectorAll('.st-key-meeting_page [data-testid=stMetric] p, .st-key-meeting_bar button p')]
    .filter((part) => part.scrollWidth > part.clientWidth + 1).map((part) => `cut: ${part.innerText}`);
  const blank = [...document.querySelectorAll('.st-key-meeting_page [data-testid=stVegaLiteChart]')]
    .filter((chart) => !chart.querySelector('svg [class*=mark-] path, svg [class*=mark-] text')).map((chart) => `blank: ${chart.getAttribute('aria-label')}`);
  return [...faults, ...cut, ...blank];
}
