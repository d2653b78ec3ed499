// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "planfixture.h"

#include "advisor/plananalyses.h"
#include "advisor/planconditions.h"
#include "advisor/rules.h"

#include <algorithm>

#include <QTest>

namespace tailscope::testing {

namespace {

bool has(const Fields &fields, std::string_view name)
{
    return std::any_of(fields.begin(), fields.end(), [&](const auto &field) { return field.first == name; });
}

double number(const Fields &fields, std::string_view name)
{
    for (const auto &[key, value] : fields) {
        if (key != name)
            continue;
        if (const auto *real = std::get_if<double>(&value))
            return *real;
        if (const auto *whole = std::get_if<std::int64_t>(&value))
            return double(*whole);
    }
    return 0;
}

} // namespace

PlanFixture::PlanFixture()
{
    auto created = store::Workspace::temporary();
    if (!created)
        qFatal("%s", created.error().toText().c_str());
    m_workspace = std::move(*created);
    m_source = insert("source_raw",
        {{"path", "test"}, {"format", "test"}, {"kind", std::int64_t(2)}, {"state", std::int64_t(2)},
            {"clock", std::int64_t(0)}});
}

std::int64_t PlanFixture::insert(const std::string &table, const Fields &fields)
{
    auto writer = m_workspace->connectWriter();
    if (!writer)
        qFatal("%s", writer.error().toText().c_str());
    std::string names, marks;
    for (const auto &[name, value] : fields) {
        names += (names.empty() ? "" : ", ") + name;
        marks += marks.empty() ? "?" : ", ?";
    }
    auto statement = writer->prepare("INSERT INTO " + table + " (" + names + ") VALUES (" + marks + ")");
    if (!statement)
        qFatal("%s", statement.error().toText().c_str());
    int index = 0;
    for (const auto &[name, value] : fields) {
        if (const auto *whole = std::get_if<std::int64_t>(&value))
            statement->bind(index, *whole);
        else if (const auto *real = std::get_if<double>(&value))
            statement->bind(index, *real);
        else
            statement->bind(index, std::string_view(std::get<std::string>(value)));
        ++index;
    }
    const auto done = statement->run();
    if (!done)
        qFatal("%s", done.error().toText().c_str());
    return writer->lastInsertId();
}

std::int64_t PlanFixture::addPlan(const Fields &plan, const std::vector<std::pair<int, Fields>> &nodes)
{
    Fields head = plan;
    head.emplace_back("source_id", m_source);
    if (!has(head, "engine"))
        head.emplace_back("engine", "postgresql");
    const std::int64_t planId = insert("plan_raw", head);
    std::int64_t position = 0;
    for (std::size_t i = 0; i < nodes.size(); ++i) {
        Fields fields = nodes[i].second;
        fields.emplace_back("source_id", m_source);
        fields.emplace_back("plan_id", planId);
        fields.emplace_back("node", std::int64_t(i));
        if (nodes[i].first >= 0)
            fields.emplace_back("parent", std::int64_t(nodes[i].first));
        position = i > 0 && nodes[i].first == nodes[i - 1].first ? position + 1 : 0;
        if (!has(fields, "position"))
            fields.emplace_back("position", position);
        if (!has(fields, "loops"))
            fields.emplace_back("loops", 1.0);
        if (!has(fields, "wall_ms") && has(fields, "total_ms"))
            fields.emplace_back("wall_ms", number(fields, "total_ms") * number(fields, "loops"));
        if (!has(fields, "self_ms") && has(fields, "wall_ms"))
            fields.emplace_back("self_ms", number(fields, "wall_ms"));
        const std::int64_t id = insert("plan_node_raw", fields);
        if (i == 0)
            m_firstNode = id;
    }
    bump("plan");
    return planId;
}

void PlanFixture::bump(const std::string &family)
{
    execute("INSERT INTO generation (table_family, n) VALUES ('" + family
        + "', 1) ON CONFLICT (table_family) DO UPDATE SET n = n + 1");
}

void PlanFixture::execute(const std::string &sql)
{
    auto writer = m_workspace->connectWriter();
    if (!writer)
        qFatal("%s", writer.error().toText().c_str());
    const auto done = writer->execute(sql);
    if (!done)
        qFatal("%s", done.error().toText().c_str());
}

std::string PlanFixture::text(const std::string &sql)
{
    auto reader = m_workspace->connectReader();
    if (!reader)
        qFatal("%s", reader.error().toText().c_str());
    const auto value = reader->text(sql);
    if (!value)
        qFatal("%s: %s", sql.c_str(), value.error().toText().c_str());
    return value->value_or("(null)");
}

std::int64_t PlanFixture::integer(const std::string &sql)
{
    auto reader = m_workspace->connectReader();
    if (!reader)
        qFatal("%s", reader.error().toText().c_str());
    const auto value = reader->integer(sql);
    if (!value)
        qFatal("%s: %s", sql.c_str(), value.error().toText().c_str());
    return value->value_or(-1);
}

void PlanFixture::analyse()
{
    if (const auto derived = advisor::derivePlanConditions(*m_workspace, {}); !derived)
        qFatal("%s", derived.error().toText().c_str());
    if (const auto done = analysis::refreshWorkspaceAnalyses(*m_workspace, advisor::planAnalyses(), {});
        !done)
        qFatal("%s", done.error().toText().c_str());
}

std::string PlanFixture::findings()
{
    std::vector<Error> errors;
    const std::vector<advisor::Rule> rules = advisor::loadRules({}, errors);
    for (const Error &error : errors)
        qFatal("%s", error.toText().c_str());
    analyse();
    const auto outcome = advisor::runRules(*m_workspace, rules, {});
    if (!outcome)
        qFatal("%s", outcome.error().toText().c_str());
    for (const Error &error : outcome->failed)
        qFatal("%s", error.toText().c_str());
    return text(
        "SELECT coalesce((SELECT group_concat(line, char(10)) FROM (SELECT rule_id || ' ' || severity AS line"
        " FROM finding ORDER BY 1)), '')");
}

} // namespace tailscope::testing
