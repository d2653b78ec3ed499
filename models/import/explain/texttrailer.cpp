// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "import/explain/textproperty.h"

#include "base/text.h"
#include "import/common/jsontext.h"
#include "import/explain/textscan.h"

namespace tailscope::import::explain {

void GroupingKeys::add(std::string_view label, std::string_view value)
{
    const Line::Kind kind = label == "Hash Key" ? Line::Kind::Hash
        : label == "Sort Key"                   ? Line::Kind::Sort
                                                : Line::Kind::Group;
    m_lines.push_back({kind, value == "()" ? "[]" : listJson(splitList(value))});
}

void GroupingKeys::write(PropertySink &sink) const
{
    if (m_lines.size() == 1 && m_lines[0].kind == Line::Kind::Group && m_lines[0].list != "[]") {
        sink.set("Group Key", PlanValue::json(m_lines[0].list));
        return;
    }
    std::string sets = "[";
    for (std::size_t i = 0; i < m_lines.size();) {
        JsonMembers set;
        if (m_lines[i].kind == Line::Kind::Sort)
            set.json("Sort Key", m_lines[i++].list);
        std::string keys;
        const bool hash = i < m_lines.size() && m_lines[i].kind == Line::Kind::Hash;
        while (i < m_lines.size() && m_lines[i].kind == (hash ? Line::Kind::Hash : Line::Kind::Group)) {
            keys += (keys.empty() ? "[" : ",") + m_lines[i++].list;
            if (hash)
                break;
        }
        if (!keys.empty())
            set.json(hash ? "Hash Keys" : "Group Keys", keys + ']');
        sets += (sets.size() > 1 ? "," : "") + set.object();
    }
    sink.set("Grouping Sets", PlanValue::json(sets + ']'));
}

bool applyJitProperty(JsonMembers &members, std::string_view label, std::string_view value)
{
    value = trimmed(value);
    // PostgreSQL 11 prints every figure on a line of its own: "Inlining: true", "Emission Time: 1.2 ms".
    if (isJsonNumber(value) || value == "true" || value == "false") {
        members.json(label, value);
        return true;
    }
    if (value.ends_with(" ms") && isJsonNumber(value.substr(0, value.size() - 3))) {
        members.json(label, value.substr(0, value.size() - 3));
        return true;
    }
    JsonMembers group;
    for (const std::string_view item : splitList(value)) {
        const std::size_t blank = item.find(' ');
        if (blank == std::string_view::npos)
            return false;
        const std::string_view name = item.substr(0, blank);
        const std::string_view figure = item.substr(blank + 1);
        const std::string_view number = withoutUnit(figure);
        const std::size_t deform = figure.find("(Deform ");
        if (figure == "true" || figure == "false") {
            group.json(name, figure);
        } else if (!isJsonNumber(number)) {
            return false;
        } else if (deform != std::string_view::npos && isJsonNumber(withoutUnit(figure.substr(deform + 8)))) {
            JsonMembers generation;
            generation.json("Deform", withoutUnit(figure.substr(deform + 8)));
            generation.json("Total", number);
            group.json(name, generation.object());
        } else {
            group.json(name, number);
        }
    }
    if (!group.isEmpty())
        members.json(label, group.object());
    return !group.isEmpty();
}

void applySettings(JsonMembers &settings, std::string_view value)
{
    for (const std::string_view item : splitList(trimmed(value))) {
        const std::size_t equals = item.find(" = ");
        if (equals == std::string_view::npos)
            continue;
        std::string_view setting = trimmed(item.substr(equals + 3));
        if (setting.size() >= 2 && setting.front() == '\'' && setting.back() == '\'')
            setting = setting.substr(1, setting.size() - 2);
        settings.text(trimmed(item.substr(0, equals)), setting);
    }
}

JsonMembers serialization(std::string_view value)
{
    JsonMembers members;
    for (const std::string_view column : splitColumns(value)) {
        const std::size_t equals = column.find('=');
        if (equals == std::string_view::npos)
            continue;
        const std::string_view name = column.substr(0, equals);
        const std::string_view figure = column.substr(equals + 1);
        if (name == "format")
            members.text("Format", figure);
        else if (isJsonNumber(withoutUnit(figure)))
            members.json(name == "output" ? "Output Volume" : capitalised(name), withoutUnit(figure));
    }
    return members;
}

bool parseTrigger(std::string_view text, TextArena &arena, PlanTriggerRow &out)
{
    const std::size_t calls = text.rfind(" calls=");
    const std::size_t colon = text.rfind(": ");
    if (calls == std::string_view::npos || colon == std::string_view::npos)
        return false;
    out.calls = parseDouble(trimmed(text.substr(calls + 7)));
    const std::size_t time = text.find("time=", colon);
    if (time != std::string_view::npos && time < calls)
        out.timeMs = parseDouble(text.substr(time + 5, calls - time - 5));
    std::string_view head = text.substr(0, colon);
    constexpr std::string_view kConstraint = "for constraint ";
    // A name may hold anything; the last " on " and the first "for constraint" are the server's.
    const std::size_t constraint = head.find(kConstraint);
    std::string_view *last = nullptr;
    std::string_view name = head;
    std::string_view constraintName;
    if (constraint != std::string_view::npos) {
        name = trimmed(head.substr(0, constraint));
        constraintName = head.substr(constraint + kConstraint.size());
        last = &constraintName;
    } else {
        last = &name;
    }
    const std::size_t on = last->rfind(" on ");
    if (on != std::string_view::npos) {
        out.relation = arena.keep(trimmed(last->substr(on + 4)));
        *last = last->substr(0, on);
    }
    out.name = arena.keep(name);
    out.constraintName = arena.keep(constraintName);
    return out.calls.has_value();
}

} // namespace tailscope::import::explain
