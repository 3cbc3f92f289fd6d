/// Draws the charts of a page from their configurations.
///
/// The configurations say what is drawn; here is what JSON cannot say: colours of the theme, the
/// texts of ticks and tooltips, names beside points.
enum ChartScript {
  /// The script; it follows Chart.js and the configurations.
  static let text = theme + axes + names + build

  private static let theme = """
    (function () {
      var specs = JSON.parse(document.getElementById("charts").textContent), drawn = {};
      var root = document.documentElement, plain = { t: 1, n: 1, rows: 1, labels: 1, roof: 1 };
      if (typeof Chart === "undefined") return;
      var known = {};
      function color(name) {
        return known[name] || (known[name] = getComputedStyle(root).getPropertyValue(name).trim());
      }
      function resolve(value, key) {
        if (plain[key]) return value;
        if (typeof value === "string") {
          var match = /^(--[a-z-]+)( [0-9a-f]{2})?$/.exec(value);
          return match ? color(match[1]) + (match[2] || "").trim() : value;
        }
        if (Array.isArray(value)) return value.map(function (item) { return resolve(item, ""); });
        if (!value || typeof value !== "object") return value;
        var copy = {};
        Object.keys(value).forEach(function (name) { copy[name] = resolve(value[name], name); });
        return copy;
      }

    """

  private static let axes = """
      function short(value) {
        var size = Math.abs(value), units = [[1e9, "G"], [1e6, "M"], [1e3, "k"]];
        for (var i = 0; i < units.length; i++)
          if (size >= units[i][0]) return Number((value / units[i][0]).toPrecision(3)) + units[i][1];
        return String(Number(value.toPrecision(3))).replace("-", "\\u2212");
      }
      function axis(spec) {
        var ticks = { color: color("--quiet"), maxRotation: 60, autoSkipPadding: 10 };
        var grid = Object.assign({ color: color("--line"), borderColor: color("--line") }, spec.grid);
        if (spec.type !== "category") ticks.callback = function (value) { return short(value); };
        if (spec.format === "decades") ticks.callback = function (value) {
          var lead = value / Math.pow(10, Math.floor(Math.log10(value) + 1e-9));
          var digit = Math.round(lead);
          if (Math.abs(lead - digit) > 1e-6) return null;
          return digit === 1 || (digit === 2 || digit === 5) && spec.max / spec.min < 300
            ? short(value) : null;
        };
        if (spec.zero) {
          grid.color = function (line) { return color(line.tick.value === 0 ? "--quiet" : "--line"); };
        }
        if (spec.rows) {
          ticks.autoSkip = false;
          ticks.callback = function (value) { return spec.rows[value]; };
          return Object.assign({}, spec, { grid: { display: false, borderColor: color("--line") },
            ticks: ticks, afterBuildTicks: function (scale) {
              scale.ticks = spec.rows.map(function (_, row) { return { value: row }; }); } });
        }
        return Object.assign({}, spec, { grid: grid, ticks: ticks });
      }

    """

  private static let names = """
      var beside = { id: "beside", afterDatasetsDraw: function (chart) {
        var context = chart.ctx, area = chart.chartArea, taken = [], points = [];
        context.save();
        context.lineJoin = "round"; context.lineWidth = 3; context.strokeStyle = color("--surface");
        function write(text, x, y, ink) {
          context.strokeText(text, x, y); context.fillStyle = ink; context.fillText(text, x, y);
        }
        function free(box) {
          return box.x >= area.left && box.x + box.w <= area.right + 4 && box.y >= area.top
            && box.y + box.h <= area.bottom && !taken.some(function (other) {
              return box.x < other.x + other.w && other.x < box.x + box.w && box.y < other.y + other.h
                && other.y < box.y + box.h; });
        }
        context.textBaseline = "middle";
        chart.data.datasets.forEach(function (set, place) {
          if (set.roof || !chart.isDatasetVisible(place)) return;
          chart.getDatasetMeta(place).data.forEach(function (mark, item) {
            var radius = set.pointRadius[item], raw = set.data[item];
            points.push({ x: mark.x, y: mark.y, r: radius, n: raw.n });
            taken.push({ x: mark.x - radius * .6, y: mark.y - radius * .6, w: radius * 1.2,
              h: radius * 1.2 });
          });
        });
        context.font = "11px " + Chart.defaults.font.family;
        var slanted = [];
        chart.data.datasets.forEach(function (set, place) {
          if (!set.roof) return;
          var ends = chart.getDatasetMeta(place).data, from = ends[0], to = ends[1];
          var angle = Math.atan2(to.y - from.y, to.x - from.x), w = context.measureText(set.roof).width;
          if (Math.hypot(to.x - from.x, to.y - from.y) < w + 12) return;
          context.save();
          if (angle > -.05) {
            context.textAlign = "right";
            write(set.roof, to.x - 4, to.y - 9, color("--quiet"));
            taken.push({ x: to.x - w - 4, y: to.y - 16, w: w, h: 14 });
          } else {
            var length = Math.hypot(to.x - from.x, to.y - from.y), start = 8, at = 8;
            // The first place along the roof that no point covers.
            function covered(begin) {
              return points.some(function (point) {
                for (var along = begin; along <= begin + w; along += 8)
                  if (Math.hypot(from.x + along * Math.cos(angle) + 8 * Math.sin(angle) - point.x,
                    from.y + along * Math.sin(angle) - 8 * Math.cos(angle) - point.y)
                    < point.r + 8) return true;
                return false;
              });
            }
            while (at + w < length && covered(at)) at += 12;
            if (at + w < length) start = at;
            // Roofs that run side by side have their names one behind the other.
            slanted.forEach(function (other) {
              if (Math.abs((from.x - other.x) * Math.sin(angle) - (from.y - other.y) * Math.cos(angle)) > 13)
                return;
              var end = (other.x - from.x) * Math.cos(angle) + (other.y - from.y) * Math.sin(angle)
                + other.end;
              start = Math.max(start, end + 10);
            });
            if (start + w > length) { context.restore(); return; }
            slanted.push({ x: from.x, y: from.y, end: start + w });
            context.translate(from.x, from.y); context.rotate(angle);
            context.textAlign = "left";
            write(set.roof, start, -8, color("--quiet"));
          }
          context.restore();
        });
        context.font = "600 12px " + Chart.defaults.font.family;
        context.textAlign = "left";
        points.filter(function (point) { return point.n; }).sort(function (a, b) { return b.r - a.r; })
          .forEach(function (point) {
            var w = context.measureText(point.n).width, gap = point.r + 4;
            var boxes = [[gap, -8], [-gap - w, -8], [-w / 2, gap - 2], [-w / 2, -gap - 14],
              [gap - 2, 6], [gap - 2, -22]].map(function (at) {
                return { x: point.x + at[0], y: point.y + at[1], w: w, h: 16 }; });
            var box = boxes.find(free);
            if (!box) return;
            taken.push(box);
            write(point.n, box.x, box.y + 8, color("--ink"));
          });
        context.restore();
      } };

    """

  private static let build = """
      function options(id, spec) {
        var scales = {};
        Object.keys(spec.scales).forEach(function (name) { scales[name] = axis(spec.scales[name]); });
        return {
          responsive: true, maintainAspectRatio: false, animation: false,
          devicePixelRatio: Math.max(2, window.devicePixelRatio || 1),
          indexAxis: spec.horizontal ? "y" : "x", scales: scales,
          layout: { padding: { right: 8, top: 4 } },
          onClick: function (event, found, chart) {
            var raw = found.length && chart.data.datasets[found[0].datasetIndex].data[found[0].index];
            if (raw && raw.l !== undefined) location.hash = "layer-" + raw.l;
          },
          plugins: {
            legend: { display: !!spec.legend, position: "bottom", labels: {
              color: color("--ink"), usePointStyle: true, boxHeight: 7, padding: 14,
              filter: function (item) { return item.text !== undefined; } } },
            tooltip: { displayColors: false, filter: function (item) {
              return item.raw === null || typeof item.raw !== "object" || !!item.raw.t; },
              callbacks: { label: function (item) {
                return item.raw && item.raw.t ? item.raw.t
                  : item.dataset.label + ": " + short(item.raw); } } }
          }
        };
      }
      function choose(id, choices) {
        var box = document.getElementById(id + "-plot"), label = document.createElement("label");
        var list = document.createElement("select");
        choices.forEach(function (choice, place) {
          list.add(new Option(choice.title, place));
        });
        list.addEventListener("change", function () {
          var choice = choices[list.value], now = drawn[id], line = now.data.datasets[0];
          line.data = choice.values; line.label = choice.title;
          now.options.scales.y1.title.text = choice.title;
          specs[id].data.datasets[0].data = choice.values;
          specs[id].data.datasets[0].label = choice.title;
          specs[id].scales.y1.title.text = choice.title;
          now.update();
        });
        label.className = "choose";
        label.append("against ", list);
        box.before(label);
      }
      function draw(id) {
        var canvas = document.getElementById(id), spec = resolve(specs[id], "");
        if (!canvas) return;
        if (drawn[id]) drawn[id].destroy();
        else if (spec.choices && spec.choices.length > 1) choose(id, specs[id].choices);
        drawn[id] = new Chart(canvas, { type: spec.type, data: spec.data,
          options: options(id, spec), plugins: spec.names ? [beside] : [] });
      }
      Chart.defaults.font.family = getComputedStyle(document.body).fontFamily;
      // Charts are drawn when they come near, so that a long page opens at once.
      var near = new IntersectionObserver(function (entries) {
        entries.forEach(function (entry) {
          if (!entry.isIntersecting) return;
          near.unobserve(entry.target);
          if (!drawn[entry.target.id]) draw(entry.target.id);
        });
      }, { rootMargin: "600px" });
      Object.keys(specs).forEach(function (id) {
        var canvas = document.getElementById(id);
        if (canvas) near.observe(canvas);
      });
      window.addEventListener("beforeprint", function () { Object.keys(specs).forEach(draw); });
      ["(prefers-color-scheme: dark)", "print"].forEach(function (query) {
        window.matchMedia(query).addEventListener("change", function () {
          known = {};
          Object.keys(drawn).forEach(draw);
        });
      });
    })();

    """
}
