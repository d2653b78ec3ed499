// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "import/pgcatalog/catalogshape.h"

#include "base/text.h"

#include <algorithm>
#include <array>
#include <set>

namespace tailscope::import {

namespace {

/// Written by `tailscope catalog-sql` for whoever reads the file.
constexpr std::string_view kViewColumn = "catalog_view";

} // namespace

CatalogShape::CatalogShape(std::vector<std::string> names)
    : m_names(std::move(names))
{
    if (m_names.size() > kMaxColumns)
        return;
    const bool statements = hasCatalogNames("query calls total_time|total_exec_time", "", m_names);
    if (statements)
        return;
    m_time = findCatalogName(kCatalogTimeNames, m_names);
    match();
    findExtra();
}

void CatalogShape::match()
{
    for (const auto views : {catalogObjectViews(), catalogSampleViews()}) {
        for (const CatalogView &view : views) {
            if (!hasCatalogNames(view.required, view.forbidden, m_names))
                continue;
            View &found = m_views.emplace_back(View{&view, {}});
            for (const CatalogColumn &column : view.columns)
                found.inputs.push_back(findCatalogName(column.names, m_names));
        }
    }
    for (const CatalogCounterView &view : catalogCounterViews()) {
        if (!hasCatalogNames(view.required, "", m_names))
            continue;
        Counters &found = m_counters.emplace_back(Counters{&view, {}, {}, {}});
        for (const CatalogCounter &counter : view.counters)
            found.inputs.push_back(findCatalogName(counter.column, m_names));
        for (const std::string_view label : split(view.labels, ' ')) {
            if (const int at = findCatalogName(label, m_names); at >= 0) {
                found.labels.push_back(at);
                found.labelNames.push_back(label);
            }
        }
    }
}

void CatalogShape::findExtra()
{
    std::vector<bool> used(m_names.size(), false);
    const auto use = [&](const std::vector<int> &places) {
        for (const int place : places) {
            if (place >= 0)
                used[static_cast<std::size_t>(place)] = true;
        }
    };
    use({m_time});
    bool keepsRest = false; // progress views keep what is left as JSON
    for (const View &view : m_views) {
        use(view.inputs);
        keepsRest = keepsRest || view.view->rule == CatalogRule::Progress
            || view.view->rule == CatalogRule::NotKept;
    }
    for (const Counters &counters : m_counters) {
        use(counters.inputs);
        use(counters.labels);
    }
    std::set<std::string_view> seen;
    for (std::size_t i = 0; i < m_names.size(); ++i) {
        if (!seen.insert(m_names[i]).second)
            m_doubled.push_back(m_names[i]);
        else if (!used[i] && !keepsRest && m_names[i] != kViewColumn)
            m_extra.push_back(m_names[i]);
    }
}

std::string CatalogShape::viewNames() const
{
    std::string text;
    for (const View &view : m_views)
        text += (text.empty() ? "" : ", ") + std::string(view.view->name);
    for (const Counters &counters : m_counters)
        text += (text.empty() ? "" : ", ") + std::string(counters.view->name);
    return text;
}

std::string CatalogShape::cleanName(std::string_view name)
{
    // Programs that write a byte order mark put it in front of the first name.
    if (name.starts_with("\xEF\xBB\xBF"))
        name.remove_prefix(3);
    name = trimmed(name);
    if (name.size() >= 2 && name.front() == '"' && name.back() == '"')
        name = trimmed(name.substr(1, name.size() - 2));
    const std::size_t dot = name.rfind('.');
    if (dot != std::string_view::npos)
        name.remove_prefix(dot + 1);
    return sanitizedUtf8(toLowerAscii(name));
}

std::vector<std::string> catalogHeader(std::string_view line, char delimiter)
{
    std::vector<std::string> names;
    const auto count = static_cast<std::size_t>(std::count(line.begin(), line.end(), delimiter));
    if (count == 0 || count > CatalogShape::kMaxColumns)
        return names;
    for (const std::string_view field : split(line, delimiter))
        names.push_back(CatalogShape::cleanName(field));
    return names;
}

char catalogDelimiter(std::string_view line)
{
    for (const char delimiter : {',', '\t', ';', '|'}) {
        std::vector<std::string> names = catalogHeader(line, delimiter);
        if (!names.empty() && CatalogShape(std::move(names)).isKnown())
            return delimiter;
    }
    return '\0';
}

} // namespace tailscope::import
