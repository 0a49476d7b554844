// Draws every [data-chart] of a page from the JSON beside it; colours come from the style sheet, so that they follow the theme.
(function () {
  "use strict";
  const root = document.documentElement;
  const language = root.lang || "en";
  const number = new Intl.NumberFormat(language, { maximumFractionDigits: 1 });
  const share = new Intl.NumberFormat(language, { style: "percent", maximumFractionDigits: 1 });
  const day = new Intl.DateTimeFormat(language, { day: "numeric", month: "short", year: "numeric", timeZone: "UTC" });
  const month = new Intl.DateTimeFormat(language, { month: "short", year: "numeric", timeZone: "UTC" });
  const colour = (name) => getComputedStyle(root).getPropertyValue(name).trim();
  const still = matchMedia("(prefers-reduced-motion: reduce)").matches;
  const symbols = ["circle", "rect", "triangle", "diamond", "roundRect"];
  const dashes = ["solid", "dashed", "dotted", [8, 3, 2, 3], [2, 2], [12, 4]];

  const canvas = document.createElement("canvas").getContext("2d");
  function wide(text, size) {  // how many pixels a text takes
    canvas.font = `${size}px ${getComputedStyle(document.body).fontFamily}`;
    return canvas.measureText(text).width;
  }
  const [mark, gap] = [28, 12];  // pixels: a line in a legend, and what is between two entries
  function rows(labels, width) {  // in how many lines a legend is written
    let lines = 1, used = 0;
    for (const label of labels) {
      const own = mark + 5 + wide(label, 12) + gap;
      if (used > 0 && used + own > width) { lines += 1; used = 0; }
      used += own;
    }
    return lines;
  }
  const plain = { itemStyle: { opacity: 0 } };  // of a legend whose lines have no marks
  const legend = (text) => ({ bottom: 0, left: 0, itemWidth: mark, itemHeight: 8, itemGap: gap, textStyle: { color: text, fontSize: 12 } });

  function base() {
    const text = colour("--text"), muted = colour("--muted"), line = colour("--line");
    return {
      animation: !still,
      animationDuration: 300,
      textStyle: { fontFamily: getComputedStyle(document.body).fontFamily, color: text },
      tooltip: { renderMode: "richText", backgroundColor: colour("--card"), borderColor: line, textStyle: { color: text, fontSize: 13 } },
      unit: (name) => ({ text: name, left: 0, top: 4, padding: 0, textStyle: { color: muted, fontSize: 12, lineHeight: 16, fontWeight: "normal" } }),
      axis: {
        axisLine: { lineStyle: { color: line } }, axisTick: { show: false },
        axisLabel: { color: muted, hideOverlap: true }, nameTextStyle: { color: muted },
        splitLine: { lineStyle: { color: line, opacity: 0.6 } },
      },
    };
  }

  function sankey(data, element) {
    const look = base();
    const order = (name) => name === null ? -1 : data.order.indexOf(name);
    const shade = (name) => colour(name === null ? "--muted" : `--stage-${Math.min(order(name), 9)}`);
    const title = (name) => name === null ? data.new : data.labels[name] || name;
    const nodes = new Map();
    const node = (side, name) => {
      const key = `${side}:${name === null ? "" : name}`;
      if (!nodes.has(key)) nodes.set(key, { name: key, title: title(name), depth: side === "from" ? 0 : 1, rank: order(name), itemStyle: { color: shade(name) }, label: { position: side === "from" ? "right" : "left" } });
      return key;
    };
    const links = [...data.flows].sort((a, b) => order(a.source) - order(b.source) || order(a.target) - order(b.target)).map((flow) => ({ source: node("from", flow.source), target: node("to", flow.target), value: flow.customers }));
    const said = (node_) => `${node_.title}  ${number.format(sums.get(node_.name))}`;
    const sums = new Map();
    for (const link of links) for (const key of [link.source, link.target]) sums.set(key, (sums.get(key) || 0) + link.value);
    const longest = (side) => Math.max(0, ...[...nodes.values()].filter((each) => each.depth === side).map((each) => wide(said(each), 13)));
    const narrow = longest(0) + longest(1) + 96 > element.clientWidth;  // then names stand in a legend below
    element.classList.toggle("narrow", narrow);
    return {
      ...look, axis: undefined, unit: undefined,
      tooltip: {
        ...look.tooltip, trigger: "item",
        formatter: (hit) => hit.dataType === "edge"
          ? `${nodes.get(hit.data.source).title} → ${nodes.get(hit.data.target).title}: ${number.format(hit.data.value)}`
          : `${hit.data.title}: ${number.format(hit.value)}`,
      },
      series: [{
        type: "sankey", left: 8, right: 8, top: 8, bottom: 8, nodeWidth: 14, nodeGap: 14, layoutIterations: 0, draggable: false,
        data: [...nodes.values()].sort((a, b) => a.rank - b.rank), links,
        label: { color: look.textStyle.color, fontSize: 13, formatter: (hit) => narrow ? number.format(hit.value) : said(hit.data), textBorderColor: colour("--card"), textBorderWidth: 3 },
        lineStyle: { color: "gradient", opacity: 0.38, curveness: 0.5 }, emphasis: { focus: "adjacency", lineStyle: { opacity: 0.65 } },
      }],
    };
  }

  function lines(data, element) {
    const look = base();
    const write = (value) => value === null || value === undefined ? "–" : (data.percent ? share : number).format(value);
    const many = data.lines.length > 1, dots = data.times.length < 30;
    const below = many ? 20 * rows(data.lines.map((line) => line.label), element.clientWidth) + 8 : 0;
    return {
      ...look, axis: undefined, unit: undefined, title: look.unit(data.unit),
      tooltip: { ...look.tooltip, trigger: "axis", formatter: (hits) => [day.format(new Date(hits[0].axisValue)), ...hits.map((hit) => `${hit.seriesName}: ${write(hit.value[1])}`)].join("\n") },
      legend: many ? { ...legend(look.textStyle.color), ...(dots ? {} : plain) } : undefined,
      grid: { left: 0, right: 24, top: 36, bottom: below + 8, containLabel: true },
      xAxis: { type: "time", ...look.axis, splitLine: { show: false }, axisLabel: { ...look.axis.axisLabel, formatter: (time) => month.format(new Date(time)) }, minInterval: 28 * 86400e3 },
      yAxis: { type: "value", scale: !data.zero, ...look.axis, axisLabel: { ...look.axis.axisLabel, formatter: write } },
      series: data.lines.map((line, place) => ({
        type: "line", name: line.label, data: data.times.map((time, at) => [time, line.values[at]]), connectNulls: false,
        showSymbol: dots, symbol: dots ? symbols[place % symbols.length] : "none", symbolSize: 6,
        lineStyle: { width: 2, type: many ? dashes[place % dashes.length] : "solid" }, color: colour(line.colour || "--accent"),
        areaStyle: many ? undefined : { opacity: 0.08 },
      })),
    };
  }

  function calibration(data) {
    const look = base();
    const most = Math.min(1, Math.ceil(11 * Math.max(...data.deciles.map((row) => Math.max(row.high, row.mean_predicted)))) / 10);
    const axis = (name) => ({ type: "value", min: 0, max: most, name, nameLocation: "middle", ...look.axis, axisLabel: { ...look.axis.axisLabel, formatter: (value) => share.format(value) } });
    const bar = (params, api) => {
      const high = api.coord([api.value(0), api.value(2)]), low = api.coord([api.value(0), api.value(1)]);
      return { type: "line", shape: { x1: high[0], y1: high[1], x2: low[0], y2: low[1] }, style: { stroke: colour("--accent"), lineWidth: 2, opacity: 0.5 } };
    };
    return {
      ...look, axis: undefined, unit: undefined,
      tooltip: { ...look.tooltip, trigger: "item", formatter: (hit) => hit.seriesType === "scatter" ? `${data.promised}: ${share.format(hit.value[0])}\n${data.happened}: ${share.format(hit.value[1])}` : "" },
      grid: { left: 40, right: 16, top: 16, bottom: 40, containLabel: true },
      xAxis: { ...axis(data.promised), nameGap: 28 }, yAxis: { ...axis(data.happened), nameGap: 48 },
      series: [
        { type: "line", data: [[0, 0], [most, most]], name: data.perfect, showSymbol: false, silent: true, lineStyle: { color: colour("--muted"), type: "dashed", width: 1 } },
        { type: "custom", renderItem: bar, data: data.deciles.map((row) => [row.mean_predicted, row.low, row.high]), silent: true },
        { type: "scatter", data: data.deciles.map((row) => [row.mean_predicted, row.actual_share]), symbolSize: 9, color: colour("--accent") },
      ],
    };
  }

  function bars(data, element) {
    const look = base();
    const below = 20 * rows(data.bars.map((each) => each.label), element.clientWidth);
    return {
      ...look, axis: undefined, unit: undefined,
      tooltip: { ...look.tooltip, trigger: "axis", axisPointer: { type: "shadow" }, formatter: (hits) => [hits[0].name, ...hits.map((hit) => `${hit.seriesName}: ${share.format(hit.value)}`)].join("\n") },
      legend: { ...legend(look.textStyle.color), icon: "roundRect" },
      grid: { left: 0, right: 24, top: 8, bottom: below + 32, containLabel: true },
      xAxis: { type: "value", name: data.unit, nameLocation: "middle", nameGap: 24, ...look.axis, axisLabel: { ...look.axis.axisLabel, formatter: (value) => share.format(value) } },
      yAxis: { type: "category", inverse: true, data: data.names, ...look.axis, splitLine: { show: false }, axisLabel: { ...look.axis.axisLabel, interval: 0, width: 96, overflow: "truncate" } },
      series: data.bars.map((each) => ({ type: "bar", name: each.label, data: each.values, color: colour(each.colour), barMaxWidth: 14, barGap: "10%" })),
    };
  }

  const kinds = { sankey, lines, calibration, bars };
  const drawn = [];
  function draw(element, option) {
    const chart = echarts.getInstanceByDom(element) || echarts.init(element, null, { renderer: "canvas" });
    chart.setOption(option, true);
    return chart;
  }
  for (const element of document.querySelectorAll("[data-chart]")) {
    const data = JSON.parse(document.getElementById(element.dataset.source).textContent);
    const make = () => kinds[element.dataset.chart](data, element);
    drawn.push([draw(element, make()), element, make]);
  }
  addEventListener("resize", () => { for (const [chart, element, make] of drawn) { chart.resize(); draw(element, make()); } });
  document.addEventListener("themechange", () => { for (const [, element, make] of drawn) draw(element, make()); });
  window.nextstageCharts = { base, colour, number, share, wide, legend, plain, draw };
})();
