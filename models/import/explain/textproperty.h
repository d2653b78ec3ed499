// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "import/explain/planproperties.h"

#include <string>
#include <string_view>
#include <vector>

namespace tailscope::import::explain {

/// Where properties of a line of TEXT go.
class PropertySink
{
public:
    virtual ~PropertySink() = default;
    virtual bool set(std::string_view key, const PlanValue &value) = 0;

    bool setText(std::string_view key, std::string_view value) { return set(key, PlanValue::string(value)); }
    /// False when `text` is no JSON number.
    bool setNumber(std::string_view key, std::string_view text);
    bool setList(std::string_view key, const std::vector<std::string_view> &items);
};

/// "Group Key", "Hash Key" and "Sort Key" lines of one aggregate, which JSON has as "Group Key" or "Grouping
/// Sets".
class GroupingKeys
{
public:
    void add(std::string_view label, std::string_view value);
    bool isEmpty() const { return m_lines.empty(); }
    void write(PropertySink &sink) const;

private:
    struct Line
    {
        enum class Kind { Group, Hash, Sort } kind;
        std::string list; ///< JSON array
    };
    std::vector<Line> m_lines;
};

/// Turns one property line of TEXT into what EXPLAIN (FORMAT JSON) prints for it. nodeType tells apart labels
/// with two meanings ("Batches" of Hash and of Aggregate). False: the value is not what the label needs.
bool applyTextProperty(PropertySink &sink, std::string_view nodeType, std::string_view label,
    std::string_view value);

/// The lines of a "JIT:" block as members of its JSON object.
bool applyJitProperty(JsonMembers &members, std::string_view label, std::string_view value);

/// "a = 'b', c = 'd'" of the Settings line.
void applySettings(JsonMembers &settings, std::string_view value);

/// Members of "time=0.000 ms  output=0kB  format=text".
JsonMembers serialization(std::string_view value);

/// "Trigger x for constraint y on z: time=1.0 calls=2" (without "Trigger "). False when it is none.
bool parseTrigger(std::string_view text, TextArena &arena, PlanTriggerRow &out);

} // namespace tailscope::import::explain
