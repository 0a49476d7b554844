// The audience builder: every figure is looked up in curves that the server worked out, so that sliders answer at once.
(function () {
  "use strict";
  const { base, colour, number, share, wide, legend, plain, draw } = window.nextstageCharts;
  const data = JSON.parse(document.getElementById("audience-data").textContent);
  const texts = data.texts;
  const at = (name) => document.getElementById(name);
  const whole = new Intl.NumberFormat(document.documentElement.lang, { maximumFractionDigits: 0 });
  const filled = (text, values) => text.replace(/\{(\w+)\}/g, (_, name) => values[name]);
  const asked = (name) => Math.max(0, Number(at(name).value) || 0);
  let chosen = null;  // {score, stage, persona, place, size}

  const curvesOf = new Map([["", data.curves]]);  // by persona; those of one are asked for when it is chosen first
  const persona = () => at("persona") ? at("persona").value : "";
  const curve = () => (curvesOf.get(persona())[at("score").value] || {})[at("stage").value];
  const last = (values, fits) => { let found = -1; values.forEach((value, place) => { if (fits(value)) found = place; }); return found; };

  function byThreshold() {  // the slider of the lowest score moves that of the share
    const own = curve();
    if (!own) return;
    const place = last(own.threshold, (value) => value >= asked("threshold") / 100);
    at("share").value = Math.max(0, place) + 1;
    show(true);
  }

  function show(keepThreshold) {
    const own = curve();
    const empty = !own;
    at("share").disabled = at("threshold").disabled = empty;
    if (empty) {
      for (const name of ["size", "captured", "wrong", "spend", "cost_total", "change"]) { at(name).textContent = "–"; at(`${name}-note`).textContent = ""; }
      chosen = null;
      return command();
    }
    at("share").max = own.size.length;
    const cost = asked("cost"), full = own.customers * cost;
    const budget = full * asked("budget") / 100;
    let place = Math.min(asked("share"), own.size.length) - 1;
    const wanted = place;
    if (budget > 0) place = Math.min(place, last(own.size, (size) => size * cost <= budget));
    at("limit").textContent = place < wanted ? filled(texts.limit, { count: place < 0 ? 0 : whole.format(own.size[place]) }) : "";
    const size = place < 0 ? 0 : own.size[place], captured = place < 0 ? 0 : own.captured[place];
    chosen = { score: at("score").value, stage: at("stage").value, persona: persona(), place, size };
    const change = captured * asked("effect") / 100 * asked("value") - size * cost;
    at("share-out").textContent = filled(texts.share_unit, { share: share.format(own.size[wanted] / own.customers) });
    if (!keepThreshold) at("threshold").value = Math.floor(100 * own.threshold[wanted]);
    at("threshold-out").textContent = share.format(own.threshold[wanted]);
    at("budget-out").textContent = budget > 0 ? whole.format(budget) : "–";
    at("effect-out").textContent = share.format(asked("effect") / 100);
    const told = {
      size: [whole.format(size), filled(texts.size_note, { all: whole.format(own.customers) })],
      captured: [number.format(captured), filled(texts.captured_note, { share: share.format(own.positives ? captured / own.positives : 0) })],
      wrong: [number.format(size - captured), texts.wrong_note],
      spend: [own.spend ? whole.format(place < 0 ? 0 : own.spend[place]) : "–", texts.spend_note],
      cost_total: [whole.format(size * cost), ""],
      change: [(change > 0 ? "+" : change < 0 ? "−" : "") + whole.format(Math.abs(change)), texts.change_note],
    };
    for (const [name, [figure, note]] of Object.entries(told)) { at(name).textContent = figure; at(`${name}-note`).textContent = note; }
    at("change").classList.toggle("loss", change < 0);
    chart(own, place);
    command();
    interval();
  }

  function chart(own, place) {
    const look = base();
    const points = [[0, 0], ...own.size.map((size, at_) => [size, own.captured[at_]])];
    const axis = (name) => ({ type: "value", name, nameLocation: "middle", ...look.axis, axisLabel: { ...look.axis.axisLabel, formatter: (value) => whole.format(value) } });
    draw(at("audience-chart"), {
      ...look, axis: undefined, unit: undefined, animation: false,
      tooltip: { ...look.tooltip, trigger: "axis", formatter: (hits) => hits.map((hit) => `${hit.seriesName}: ${whole.format(hit.value[0])} → ${number.format(hit.value[1])}`).join("\n") },
      legend: { ...legend(look.textStyle.color), ...plain, bottom: undefined, top: 4 },
      grid: { left: 40, right: 24, top: 56, bottom: 40, containLabel: true },
      xAxis: { ...axis(texts.curve_size), nameGap: 28, max: own.customers }, yAxis: { ...axis(texts.curve_captured), nameGap: 20 + wide(whole.format(2 * own.positives), 12) },
      series: [
        { type: "line", name: texts.curve_captured, data: points, showSymbol: false, lineStyle: { width: 3 }, color: colour("--accent"),
          markLine: place < 0 ? undefined : { symbol: "none", silent: true, label: { formatter: whole.format(own.size[place]), color: colour("--accent"), fontWeight: "bold", distance: 4 }, lineStyle: { color: colour("--accent"), type: "solid", width: 1 }, data: [{ xAxis: own.size[place] }] } },
        { type: "line", name: texts.curve_random, data: [[0, 0], [own.customers, own.positives]], showSymbol: false, lineStyle: { width: 1, type: "dashed" }, color: colour("--muted") },
      ],
    });
  }

  const quoted = (text) => `'${text.replace(/'/g, "'\\''")}'`;
  const where = () => ["stage", "persona"].filter((column) => chosen[column]).map((column) => `${column} == '${chosen[column].replace(/'/g, "''")}'`).join(" and ");
  const segment = () => ({ where: where(), order_by: `${chosen.score}_prob`, top: chosen.size });

  // The server gives the interval of what is captured; it is asked once the sliders have come to rest.
  let waiting = null, asking = 0;
  function interval() {
    clearTimeout(waiting);
    const number_ = ++asking;
    if (chosen === null || chosen.size < 1) return;
    waiting = setTimeout(async () => {
      const answer = await fetch("/segments/preview", { method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify(segment()) });
      if (!answer.ok || number_ !== asking) return;
      const own = (await answer.json()).captures.find((each) => each.target.startsWith(chosen.score));
      if (own) at("captured-note").textContent += ` ${filled(texts.interval, { low: whole.format(own.low), high: whole.format(own.high) })}`;
    }, 300);
  }

  function command() {
    const name = at("name").value.trim() || "my-audience";
    at("command").textContent = chosen === null ? "" : filled(texts.command_line, { name: quoted(name), where: where() ? ` --where ${quoted(where())}` : "", order_by: `${chosen.score}_prob`, top: chosen.size });
  }

  async function save(event) {
    event.preventDefault();
    if (chosen === null || chosen.size < 1) return;
    const name = at("name").value.trim();
    const answer = await fetch(`/segments/${encodeURIComponent(name)}`, { method: "PUT", headers: { "Content-Type": "application/json" }, body: JSON.stringify(segment()) });
    const told = await answer.json();
    at("save-result").textContent = answer.ok ? filled(texts.saved, { name, count: whole.format(told.preview.size) }) : filled(texts.failed, { reason: texts[`failed_${answer.status}`] || told.detail });
    at("audience-download").hidden = !answer.ok;
    if (answer.ok) at("audience-download").href = `/dashboard/data/segment/${encodeURIComponent(name)}.csv`;
  }

  async function choosePersona() {
    const name = persona();
    if (!curvesOf.has(name)) {
      at("persona").disabled = true;
      const answer = await fetch(`/dashboard/data/audience.json?persona=${encodeURIComponent(name)}`);
      at("persona").disabled = false;
      if (!answer.ok) return location.reload();  // another run has come since the page was made
      curvesOf.set(name, (await answer.json()).curves);
    }
    show(false);
  }

  if (at("persona")) at("persona").addEventListener("change", choosePersona);
  for (const name of ["score", "stage"]) at(name).addEventListener("change", () => show(false));
  for (const name of ["share", "cost", "value", "budget", "effect"]) at(name).addEventListener("input", () => show(false));
  at("threshold").addEventListener("input", byThreshold);
  at("name").addEventListener("input", command);
  at("save-form").addEventListener("submit", save);
  at("audience-form").addEventListener("submit", (event) => event.preventDefault());
  document.addEventListener("themechange", () => show(false));
  addEventListener("resize", () => { const own = echarts.getInstanceByDom(at("audience-chart")); if (own) own.resize(); });
  show(false);
})();
