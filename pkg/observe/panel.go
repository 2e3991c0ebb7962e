// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package observe

// panel is one picture of a dashboard.
type panel struct {
	kind, title, what string
	// unit is Grafana's: reqps, percentunit, s, ms, bytes, short, cores is "none".
	unit string
	// width is in columns of 24.
	width   int
	queries []query
	// most is the end of the axis; 0 is as it comes.
	most float64
	// stacked fills areas on top of each other.
	stacked bool
	// steps are the colours: from a value on.
	steps []step
}

// query is what a panel asks, and what a line is called.
type query struct{ expr, legend string }

type step struct {
	from  float64
	color string
}

// The kinds of panels.
const (
	lines  = "timeseries"
	number = "stat"
)

// height is that of all panels but rows and numbers, in cells of the grid.
const height = 8

// columns is the width of Grafana's grid.
const columns = 24

// source is where all panels ask: the variable of the dashboard.
func source() map[string]any { return map[string]any{"type": "prometheus", "uid": "${datasource}"} }

// grid places panels from left to right and from top to bottom, none upon another, and
// numbers them.
type grid struct {
	panels  []any
	x, y, h int
	id      int
}

// row begins a section.
func (g *grid) row(title string) {
	g.feed()
	g.add(map[string]any{"type": "row", "title": title, "collapsed": false, "panels": []any{}}, columns, 1)
	g.feed()
}

// feed goes on below all that is there.
func (g *grid) feed() {
	g.x, g.y, g.h = 0, g.y+g.h, 0
}

// add places a panel where there is room.
func (g *grid) add(p map[string]any, width, high int) {
	if g.x+width > columns {
		g.feed()
	}
	g.id++
	p["id"] = g.id
	p["gridPos"] = map[string]any{"x": g.x, "y": g.y, "w": width, "h": high}
	g.panels = append(g.panels, p)
	g.x, g.h = g.x+width, max(g.h, high)
}

// put adds panels.
func (g *grid) put(all ...panel) {
	for _, p := range all {
		high := height
		if p.kind == number {
			high = height / 2
		}
		g.add(p.object(), p.width, high)
	}
}

func (p panel) object() map[string]any {
	var targets []any
	for i, q := range p.queries {
		targets = append(targets, map[string]any{
			"datasource": source(), "editorMode": "code", "expr": q.expr, "legendFormat": q.legend, "range": true, "refId": string(rune('A' + i)),
		})
	}
	defaults := map[string]any{"unit": p.unit, "min": 0, "thresholds": p.thresholds()}
	if p.most > 0 {
		defaults["max"] = p.most
	}
	out := map[string]any{
		"type": p.kind, "title": p.title, "description": p.what, "datasource": source(), "targets": targets,
		"fieldConfig": map[string]any{"defaults": defaults, "overrides": []any{}},
	}
	if p.kind == number {
		defaults["color"] = map[string]any{"mode": "thresholds"}
		delete(defaults, "min") // what is left of a budget may be less than nothing
		out["options"] = map[string]any{
			"colorMode": "value", "graphMode": "area", "justifyMode": "auto", "orientation": "auto", "textMode": "auto",
			"reduceOptions": map[string]any{"calcs": []any{"lastNotNull"}, "fields": "", "values": false},
		}
		return out
	}
	stacking, fill := "none", 0
	if p.stacked {
		stacking, fill = "normal", 30
	}
	defaults["color"] = map[string]any{"mode": "palette-classic"}
	defaults["custom"] = map[string]any{
		"drawStyle": "line", "lineWidth": 1, "fillOpacity": fill, "showPoints": "never", "spanNulls": false, "stacking": map[string]any{"group": "A", "mode": stacking},
	}
	out["options"] = map[string]any{
		"legend":  map[string]any{"calcs": []any{}, "displayMode": "list", "placement": "bottom", "showLegend": true},
		"tooltip": map[string]any{"mode": "multi", "sort": "desc"},
	}
	return out
}

// thresholds are the colours, from the lowest value on.
func (p panel) thresholds() map[string]any {
	steps := []any{map[string]any{"color": "green", "value": nil}}
	if len(p.steps) > 0 {
		steps = nil
	}
	for i, s := range p.steps {
		var from any = s.from
		if i == 0 { // and all below
			from = nil
		}
		steps = append(steps, map[string]any{"color": s.color, "value": from})
	}
	return map[string]any{"mode": "absolute", "steps": steps}
}
