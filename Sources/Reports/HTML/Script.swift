/// What the page does when scripts run; everything is readable without.
enum Script {
  /// Sorting by a click on a column's head, and a filter for long tables.
  static let text = """
    document.querySelectorAll("table.sortable").forEach(function (table) {
      var body = table.tBodies[0], rest = table.tBodies[1], heads = table.tHead.rows[0].cells;
      var rows = Array.from(table.tBodies).reduce(function (all, part) {
        return all.concat(Array.from(part.rows)); }, []);
      // The rows that a long table holds back, which take longer to lay out than the page to open.
      function whole() {
        if (!rest) return;
        body.append.apply(body, rest.rows);
        rest.remove();
        rest = null;
      }
      if (rest) {
        table.parentNode.addEventListener("scroll", whole, { once: true });
        ["keydown", "beforeprint"].forEach(function (event) {
          window.addEventListener(event, whole, { once: true });
        });
        var follow = function () {
          var row = location.hash && document.getElementById(location.hash.slice(1));
          if (!row || !rest || !rest.contains(row)) return;
          whole();
          row.scrollIntoView({ block: "center" });
        };
        window.addEventListener("hashchange", follow);
        follow();
      }
      function value(row, column) {
        var cell = row.cells[column], number = cell.dataset.v;
        return number === undefined ? cell.textContent : number === "" ? -Infinity : Number(number);
      }
      Array.from(heads).forEach(function (head, column) {
        var button = document.createElement("button");
        while (head.firstChild) button.appendChild(head.firstChild);
        head.appendChild(button);
        button.addEventListener("click", function () {
          whole();
          var down = head.getAttribute("aria-sort") !== "descending";
          Array.from(heads).forEach(function (other) { other.removeAttribute("aria-sort"); });
          head.setAttribute("aria-sort", down ? "descending" : "ascending");
          rows.slice().sort(function (a, b) {
            var x = value(a, column), y = value(b, column);
            var order = typeof x === "number" && typeof y === "number" ? x - y
              : String(x).localeCompare(String(y));
            return down ? -order : order;
          }).forEach(function (row) { body.appendChild(row); });
        });
      });
      var tools = document.createElement("p");
      tools.className = "tools";
      if (rows.length > 12) {
        var label = document.createElement("label"), filter = document.createElement("input");
        var found = document.createElement("span");
        filter.type = "search";
        label.append("Search ", filter);
        found.setAttribute("role", "status");
        filter.addEventListener("input", function () {
          whole();
          var wanted = filter.value.toLowerCase(), count = 0;
          rows.forEach(function (row) {
            row.hidden = row.textContent.toLowerCase().indexOf(wanted) < 0;
            if (!row.hidden) count += 1;
          });
          found.textContent = wanted ? count + " of " + rows.length : "";
        });
        tools.append(label, found);
      }
      if (table.querySelector("details")) {
        var fold = document.createElement("button"), open = false;
        fold.textContent = "Open all primitives";
        fold.addEventListener("click", function () {
          whole();
          open = !open;
          table.querySelectorAll("details").forEach(function (each) { each.open = open; });
          fold.textContent = open ? "Close all primitives" : "Open all primitives";
        });
        tools.append(fold);
      }
      if (tools.firstChild) table.parentNode.before(tools);
    });

    """
}
