// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "import/explain/textproperty.h"

#include "base/text.h"
#include "import/common/jsontext.h"
#include "import/explain/textscan.h"

#include <algorithm>
#include <array>

namespace tailscope::import::explain {

namespace {

/// Words of "shared hit=1 read=2, temp written=3": `group` is the last word without "=".
template<typename Take>
bool eachFigure(std::string_view text, Take take)
{
    std::string group;
    std::string pending;
    bool ok = true;
    for (std::string_view word : split(text, ' ')) {
        const bool last = word.ends_with(',');
        if (last)
            word.remove_suffix(1);
        const std::size_t equals = word.find('=');
        if (equals == std::string_view::npos) {
            if (!word.empty())
                pending += (pending.empty() ? "" : " ") + std::string(word);
            continue;
        }
        if (!pending.empty()) {
            group = pending;
            pending.clear();
        }
        ok = take(group, word.substr(0, equals), word.substr(equals + 1)) && ok;
        if (last)
            group.clear();
    }
    return ok && pending.empty();
}

bool applyBuffers(PropertySink &sink, std::string_view value)
{
    return eachFigure(value, [&](std::string_view group, std::string_view name, std::string_view figure) {
        return sink.setNumber(capitalised(group) + ' ' + capitalised(name) + " Blocks", figure);
    });
}

/// Three generations: "read=" (9.2), "shared/local read=, temp read=" (15), "shared read=, local read=, .."
/// (17).
bool applyIoTimings(PropertySink &sink, std::string_view value)
{
    return eachFigure(value, [&](std::string_view group, std::string_view name, std::string_view figure) {
        const std::string kind = group.empty() || group == "shared/local" ? "" : capitalised(group) + ' ';
        return sink.setNumber(kind + "I/O " + capitalised(name) + " Time", figure);
    });
}

bool applyWal(PropertySink &sink, std::string_view value)
{
    return eachFigure(value, [&](std::string_view group, std::string_view name, std::string_view figure) {
        if (group == "buffers")
            return sink.setNumber("WAL Buffers Full", figure);
        if (group == "fpi")
            return sink.setNumber("WAL FPI Bytes", figure);
        return sink.setNumber(name == "fpi" ? "WAL FPI" : "WAL " + capitalised(name), figure);
    });
}

/// The one group may be written without a name: "exact=1 lossy=2", "inserted=1 updated=2".
bool applyNamedCounts(PropertySink &sink, std::string_view value, std::string_view before,
    std::string_view after)
{
    return eachFigure(value, [&](std::string_view, std::string_view name, std::string_view figure) {
        return sink.setNumber(std::string(before) + capitalised(name) + std::string(after),
            withoutUnit(figure));
    });
}

bool applyTuples(PropertySink &sink, std::string_view value)
{
    bool inserted = false;
    const bool ok = eachFigure(value, [&](std::string_view, std::string_view name, std::string_view figure) {
        inserted = inserted || name == "inserted";
        return sink.setNumber("Tuples " + capitalised(name), figure);
    });
    // TEXT leaves out what is 0; JSON has it.
    return inserted ? ok : sink.setNumber("Tuples Inserted", "0") && ok;
}

bool applySortMethod(PropertySink &sink, const std::vector<std::string_view> &columns)
{
    bool ok = !columns.empty() && sink.setText("Sort Method", columns[0]);
    for (std::size_t i = 1; i < columns.size(); ++i) {
        std::string_view type, used;
        ok = splitLabel(columns[i], type, used) && sink.setText("Sort Space Type", type)
            && sink.setNumber("Sort Space Used", withoutUnit(used)) && ok;
    }
    return ok;
}

/// "50  Sort Method: quicksort  Average Memory: 30kB  Peak Memory: 30kB" of an Incremental Sort.
bool applySortGroups(PropertySink &sink, std::string_view label, const std::vector<std::string_view> &columns)
{
    if (columns.empty() || !isJsonNumber(columns[0]))
        return false;
    JsonMembers group;
    group.json("Group Count", columns[0]);
    std::array<JsonMembers, 2> spaces;
    for (std::size_t i = 1; i < columns.size(); ++i) {
        std::string_view name, value;
        if (!splitLabel(columns[i], name, value))
            return false;
        if (name.starts_with("Sort Method")) {
            group.json("Sort Methods Used", listJson(splitList(value)));
            continue;
        }
        const std::string_view number = withoutUnit(value);
        if (!isJsonNumber(number) || (!name.ends_with(" Memory") && !name.ends_with(" Disk")))
            return false;
        spaces[name.ends_with(" Disk")].json(name.starts_with("Average") ? "Average Sort Space Used"
                                                                         : "Peak Sort Space Used",
            number);
    }
    if (!spaces[0].isEmpty())
        group.json("Sort Space Memory", spaces[0].object());
    if (!spaces[1].isEmpty())
        group.json("Sort Space Disk", spaces[1].object());
    return sink.set(label, PlanValue::json(group.object()));
}

/// "1024 (originally 512)": both figures; the original one is the same when it is not told.
bool applyOriginal(PropertySink &sink, const std::string &key, std::string_view value)
{
    const std::string_view now = withoutUnit(value);
    const std::size_t at = value.find("(originally ");
    const std::string_view original = at == std::string_view::npos ? now : withoutUnit(value.substr(at + 12));
    return sink.setNumber(key, now) && sink.setNumber("Original " + key, original);
}

/// Columns such as "Buckets: 1024  Batches: 1  Memory Usage: 9kB" or "Hits: 1  Misses: 2 ...".
bool applyColumns(PropertySink &sink, std::string_view nodeType, std::string_view label,
    const std::vector<std::string_view> &columns)
{
    bool ok = !columns.empty();
    for (std::size_t i = 0; i < columns.size(); ++i) {
        std::string_view name = label;
        std::string_view value = columns[i];
        if (i > 0 && !splitLabel(columns[i], name, value)) {
            ok = false;
            continue;
        }
        if (name == "Buckets" || (name == "Batches" && nodeType != "Aggregate"))
            ok = applyOriginal(sink, "Hash " + std::string(name), value) && ok;
        else if (name == "Batches")
            ok = sink.setNumber("HashAgg Batches", value) && ok;
        else if (name == "Memory Usage")
            ok = sink.setNumber("Peak Memory Usage", withoutUnit(value)) && ok;
        else if (name == "Hits" || name == "Misses" || name == "Evictions" || name == "Overflows")
            ok = sink.setNumber("Cache " + std::string(name), value) && ok;
        else
            ok = sink.setNumber(name, withoutUnit(value)) && ok;
    }
    return ok;
}

/// "bernoulli ('1'::real) REPEATABLE ('3'::double precision)"
bool applySampling(PropertySink &sink, std::string_view value)
{
    const std::size_t open = value.find(" (");
    if (open == std::string_view::npos || !value.ends_with(')'))
        return false;
    constexpr std::string_view kRepeatable = ") REPEATABLE (";
    const std::size_t repeatable = findOutsideQuotes(value, kRepeatable);
    const std::size_t end = std::min(repeatable, value.size() - 1);
    bool ok = sink.setText("Sampling Method", value.substr(0, open))
        && sink.setList("Sampling Parameters", splitList(value.substr(open + 2, end - open - 2)));
    if (repeatable != std::string_view::npos) {
        const std::size_t seed = repeatable + kRepeatable.size();
        ok = sink.setText("Repeatable Seed", value.substr(seed, value.size() - 1 - seed)) && ok;
    }
    return ok;
}

bool applyStorage(PropertySink &sink, const std::vector<std::string_view> &columns)
{
    bool ok = !columns.empty() && sink.setText("Storage", columns[0]);
    for (std::size_t i = 1; i < columns.size(); ++i) {
        std::string_view name, value;
        ok = splitLabel(columns[i], name, value) && sink.setNumber(name, withoutUnit(value)) && ok;
    }
    return ok;
}

/// "capacity=8 distinct keys=4 lookups=10 hit percent=60.00%" of Memoize (19).
bool applyEstimates(PropertySink &sink, std::string_view value)
{
    return eachFigure(value, [&](std::string_view group, std::string_view name, std::string_view figure) {
        const std::string_view number = withoutUnit(figure);
        if (name == "capacity")
            return sink.setNumber("Estimated Capacity", number);
        if (group == "distinct" && name == "keys")
            return sink.setNumber("Estimated Distinct Lookup Keys", number);
        return sink.setNumber(name == "lookups" ? "Estimated Lookups" : "Estimated Hit Percent", number);
    });
}

bool isListLabel(std::string_view label)
{
    return label == "Output" || label == "Sort Key" || label == "Presorted Key" || label == "Params Evaluated"
        || label == "Conflict Arbiter Indexes" || label == "Group Key";
}

/// Expressions stay text even when they look like a number or a truth value ("Filter: false").
bool isExpressionLabel(std::string_view label)
{
    if (label.starts_with("Rows Removed by "))
        return false;
    for (const std::string_view end :
        {"Cond", "Filter", "Condition", "Key", " By", " Call", " SQL", "Relations"}) {
        if (label.ends_with(end))
            return true;
    }
    return false;
}

bool needsNumber(std::string_view label)
{
    return label.starts_with("Rows Removed by ") || label == "Heap Fetches" || label == "Workers Planned"
        || label == "Workers Launched" || label == "Index Searches" || label == "Subplans Removed";
}

} // namespace

bool PropertySink::setNumber(std::string_view key, std::string_view text)
{
    return isJsonNumber(text) && set(key, PlanValue::number(text));
}

bool PropertySink::setList(std::string_view key, const std::vector<std::string_view> &items)
{
    return set(key, PlanValue::json(listJson(items)));
}

bool applyTextProperty(PropertySink &sink, std::string_view nodeType, std::string_view label,
    std::string_view value)
{
    value = trimmed(value);
    if (label == "Buffers")
        return applyBuffers(sink, value);
    if (label == "I/O Timings")
        return applyIoTimings(sink, value);
    if (label == "WAL")
        return applyWal(sink, value);
    if (label == "Heap Blocks")
        return applyNamedCounts(sink, value, "", " Heap Blocks");
    if (label == "Tuples")
        return applyTuples(sink, value);
    if (label == "Memory" && value.starts_with("used="))
        return applyNamedCounts(sink, value, "Memory ", "");
    if (label == "Sort Method")
        return applySortMethod(sink, splitColumns(value));
    if (label.ends_with("sort Groups") || label.ends_with("sorted Groups"))
        return applySortGroups(sink, label, splitColumns(value));
    if (label == "Buckets" || label == "Batches" || label == "Planned Partitions" || label == "Hits")
        return applyColumns(sink, nodeType, label, splitColumns(value));
    if (label == "Sampling")
        return applySampling(sink, value);
    if (label == "Storage")
        return applyStorage(sink, splitColumns(value));
    if (label == "Estimates")
        return applyEstimates(sink, value);
    if (label == "Foreign File Size")
        return sink.setNumber(label, withoutUnit(value));
    if (isListLabel(label))
        return sink.setList(label, splitList(value));
    if (needsNumber(label))
        return sink.setNumber(label, value);
    if (!isExpressionLabel(label)) {
        if (isJsonNumber(value))
            return sink.setNumber(label, value);
        if (value == "true" || value == "false")
            return sink.set(label, PlanValue::boolean(value == "true"));
    }
    return sink.setText(label, value);
}

} // namespace tailscope::import::explain
