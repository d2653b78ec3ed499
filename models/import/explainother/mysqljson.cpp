// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "import/explainother/mysqljson.h"

#include "base/text.h"
#include "import/explainother/mysqloperation.h"
#include "import/explainother/passtimes.h"

#include <rapidjson/document.h>
#include <rapidjson/error/en.h>
#include <rapidjson/memorystream.h>
#include <rapidjson/stringbuffer.h>
#include <rapidjson/writer.h>

#include <algorithm>
#include <array>
#include <vector>

namespace tailscope::import::explain {

namespace {

using Value = rapidjson::Value;

constexpr unsigned kFlags = rapidjson::kParseIterativeFlag | rapidjson::kParseStopWhenDoneFlag
    | rapidjson::kParseTrailingCommasFlag;
constexpr std::size_t kMaxDepth = 1000;

std::string_view textOf(const Value &value) { return {value.GetString(), value.GetStringLength()}; }

/// MySQL writes costs as text.
std::optional<double> numberOf(const Value &value)
{
    if (value.IsNumber())
        return value.GetDouble();
    return value.IsString() ? parseDouble(textOf(value)) : std::nullopt;
}

/// Values are written back by recursion. A level of the plan is up to two brackets.
bool isTooDeep(std::string_view json)
{
    std::size_t depth = 0;
    bool quoted = false;
    for (std::size_t i = 0; i < json.size(); ++i) {
        const char c = json[i];
        if (quoted && c == '\\')
            ++i;
        else if (c == '"')
            quoted = !quoted;
        else if (!quoted && (c == '{' || c == '['))
            ++depth;
        else if (!quoted && (c == '}' || c == ']') && depth > 0)
            --depth;
        if (depth > 4 * kMaxDepth)
            return true;
    }
    return false;
}

std::string jsonOf(const Value &value)
{
    rapidjson::StringBuffer buffer;
    rapidjson::Writer<rapidjson::StringBuffer> writer(buffer);
    value.Accept(writer);
    return {buffer.GetString(), buffer.GetSize()};
}

/// Objects that are figures of the node they stand in.
bool isFigureObject(std::string_view key)
{
    return key == "cost_info" || key.starts_with("r_engine_stats") || key.ends_with("query_optimization")
        || key == "partitions" || key == "ranges";
}

/// A list of plans: of objects only.
bool isPlanList(const Value &value)
{
    return value.IsArray() && !value.Empty()
        && std::all_of(value.Begin(), value.End(), [](const Value &item) { return item.IsObject(); });
}

std::string_view relationshipOf(std::string_view key)
{
    if (key.find("subquer") != std::string_view::npos
        || key.find("from_select_list") != std::string_view::npos
        || key.find("_in_condition") != std::string_view::npos)
        return "SubPlan";
    return key == "query_specifications" ? "Member" : std::string_view();
}

class JsonPlanBuilder
{
public:
    explicit JsonPlanBuilder(ParsedPlan &plan)
        : m_plan(plan)
    {}
    /// Empty, or which limit was passed.
    std::string build(const Value &root);

private:
    /// An object that becomes a node, or only holds some.
    struct Item
    {
        const Value *value;
        std::string_view key, relationship;
        std::int32_t parent;
        bool transparent;
        std::size_t depth;
    };
    void visit(const Item &item);
    void takeMember(PlanNode &node, std::string_view key, const Value &value);
    void takeCosts(PlanNode &node, const Value &costs);
    bool takeFigure(PlanNode &node, std::string_view key, const Value &value);
    void takeChildren(const Item &item, std::int32_t parent);

    ParsedPlan &m_plan;
    std::vector<Item> m_open;
    std::string m_limit;
};

std::string JsonPlanBuilder::build(const Value &root)
{
    const bool isNode = root.HasMember("operation");
    m_open.push_back({&root, {}, {}, -1, !isNode, 0});
    while (!m_open.empty() && m_limit.empty()) {
        const Item item = m_open.back();
        m_open.pop_back();
        visit(item);
    }
    return m_limit;
}

void JsonPlanBuilder::visit(const Item &item)
{
    if (item.depth > kMaxDepth) {
        m_limit = "the JSON is nested deeper than 1,000 levels";
        return;
    }
    if (item.transparent) {
        for (const auto &member : item.value->GetObject()) {
            if (item.parent < 0 && textOf(member.name) == "query" && member.value.IsString())
                m_plan.queryText = m_plan.arena->keep(textOf(member.value));
        }
        takeChildren(item, item.parent);
        return;
    }
    if (m_plan.nodes.size() >= kMaxPlanNodes) {
        m_limit = "the plan has more than 100,000 nodes";
        return;
    }
    PlanNode &node = m_plan.nodes.emplace_back();
    const auto number = static_cast<std::int32_t>(m_plan.nodes.size()) - 1;
    node.row.parent = item.parent;
    node.row.parentRelationship = m_plan.arena->keep(item.relationship);
    if (item.value->IsArray()) {
        // The tables of a nested loop, each in an object of its own; the first one drives.
        node.row.nodeType = m_plan.arena->keep(item.key);
        node.row.joinType = "Inner";
        for (std::size_t i = item.value->Size(); i-- > 0;)
            m_open.push_back({&(*item.value)[static_cast<rapidjson::SizeType>(i)], item.key,
                i == 0 ? "Outer" : "Inner", number, true, item.depth + 1});
        return;
    }
    const auto operation = item.value->FindMember("operation");
    if (operation != item.value->MemberEnd() && operation->value.IsString())
        setMysqlOperation(m_plan, node, textOf(operation->value));
    else
        node.row.nodeType = m_plan.arena->keep(item.key.empty() ? std::string_view("query") : item.key);
    if (!item.relationship.empty())
        node.row.parentRelationship = m_plan.arena->keep(item.relationship);
    for (const auto &member : item.value->GetObject())
        takeMember(node, textOf(member.name), member.value);
    takeChildren(item, number);
}

/// Children go on the stack the other way round: the first is taken next.
void JsonPlanBuilder::takeChildren(const Item &item, std::int32_t parent)
{
    std::vector<Item> children;
    const auto add
        = [&](const Value &value, std::string_view key, std::string_view relationship, bool transparent) {
              children.push_back({&value, key, relationship, parent, transparent, item.depth + 1});
          };
    for (const auto &member : item.value->GetObject()) {
        const std::string_view key = textOf(member.name);
        const std::string_view relationship
            = item.transparent && !item.relationship.empty() ? item.relationship : relationshipOf(key);
        if (isFigureObject(key))
            continue;
        if (member.value.IsObject()) {
            add(member.value, key, relationship, key == "query_plan" && !member.value.HasMember("operation"));
        } else if (isPlanList(member.value) && key == "nested_loop") {
            // A node of its own whose elements each hold one table.
            add(member.value, key, relationship, false);
        } else if (isPlanList(member.value)) {
            for (const Value &element : member.value.GetArray())
                add(element, key, relationship, !element.HasMember("operation"));
        }
    }
    m_open.insert(m_open.end(), children.rbegin(), children.rend());
}

bool JsonPlanBuilder::takeFigure(PlanNode &node, std::string_view key, const Value &value)
{
    struct Figure
    {
        std::string_view key;
        std::optional<double> PlanNodeRow::*column;
    };
    static constexpr std::array<Figure, 14> kFigures{{
        {"rows_examined_per_scan", &PlanNodeRow::planRows},
        {"rows", &PlanNodeRow::planRows},
        {"estimated_rows", &PlanNodeRow::planRows},
        {"estimated_total_cost", &PlanNodeRow::totalCost},
        {"estimated_first_row_cost", &PlanNodeRow::startupCost},
        {"cost", &PlanNodeRow::totalCost},
        {"actual_rows", &PlanNodeRow::actualRows},
        {"r_rows", &PlanNodeRow::actualRows},
        {"actual_loops", &PlanNodeRow::loops},
        {"r_loops", &PlanNodeRow::loops},
        {"actual_first_row_ms", &PlanNodeRow::startupMs},
        {"actual_last_row_ms", &PlanNodeRow::totalMs},
        {"r_total_time_ms", &PlanNodeRow::totalMs},
        {"r_output_rows", &PlanNodeRow::actualRows},
    }};
    for (const Figure &figure : kFigures) {
        if (figure.key != key)
            continue;
        const std::optional<double> number = numberOf(value);
        if (number)
            node.row.*figure.column = number;
        return number.has_value();
    }
    return false;
}

void JsonPlanBuilder::takeCosts(PlanNode &node, const Value &costs)
{
    node.extra.json("cost_info", jsonOf(costs));
    for (const char *key : {"query_cost", "sort_cost", "prefix_cost"}) {
        const auto cost = costs.FindMember(key);
        if (cost != costs.MemberEnd() && !node.row.totalCost)
            node.row.totalCost = numberOf(cost->value);
    }
}

void JsonPlanBuilder::takeMember(PlanNode &node, std::string_view key, const Value &value)
{
    PlanNodeRow &row = node.row;
    if (value.IsObject() && key == "cost_info")
        return takeCosts(node, value);
    if (value.IsObject() || isPlanList(value)) {
        if (isFigureObject(key))
            node.extra.json(key, jsonOf(value));
        return;
    }
    if (takeFigure(node, key, value))
        return;
    if (!value.IsString()) {
        if (!value.IsNull())
            node.extra.json(key, jsonOf(value));
        return;
    }
    const std::string_view text = textOf(value);
    if (key == "operation")
        return;
    std::string_view *column = key == "table_name" || key == "alias" ? &row.relation
        : key == "schema_name"                                       ? &row.schema
        : key == "key" || key == "index_name"                        ? &row.indexName
        : key == "attached_condition"                                ? &row.filter
        : key == "index_condition"                                   ? &row.condition
                                                                     : nullptr;
    if (column && (column->empty() || key == "table_name"))
        *column = m_plan.arena->keep(text);
    else if (key == "query" && row.parent < 0)
        m_plan.queryText = m_plan.arena->keep(text);
    else
        node.extra.text(key, text);
    if (key == "access_type" && row.nodeType == "table")
        row.nodeType = mysqlAccess(text);
}

class DocumentReader
{
public:
    DocumentReader(std::string_view text, const std::string &subject, ImportReport &report,
        const PlanTaker &take)
        : m_text(text)
        , m_subject(subject)
        , m_report(report)
        , m_take(take)
    {}
    Result<void> run();

private:
    std::size_t nextDocument(std::size_t from);
    Result<std::size_t> parseAt(std::size_t at);
    Error errorAt(ErrorCode code, std::size_t offset, std::string detail) const;

    std::string_view m_text;
    const std::string &m_subject;
    ImportReport &m_report;
    const PlanTaker &m_take;
    std::size_t m_plans = 0;
    std::optional<Error> m_broken;
    std::array<std::size_t, 4> m_next{}; ///< where each key comes next, npos = no more
};

/// The bracket before the next key that begins a plan.
std::size_t DocumentReader::nextDocument(std::size_t from)
{
    static constexpr std::array<std::string_view, 4> kKeys{"\"query_block\"", "\"query_plan\"",
        "\"operation\"", "\"query\""};
    for (;;) {
        std::size_t first = m_text.size();
        for (std::size_t i = 0; i < kKeys.size(); ++i) {
            if (m_next[i] != std::string_view::npos && m_next[i] <= from)
                m_next[i] = m_text.find(kKeys[i], from);
            first = std::min(first, m_next[i]);
        }
        if (first >= m_text.size())
            return std::string_view::npos;
        const std::size_t bracket = m_text.substr(from, first - from).rfind('{');
        if (bracket != std::string_view::npos)
            return from + bracket;
        from = first + 1; // inside of what is broken
    }
}

Error DocumentReader::errorAt(ErrorCode code, std::size_t offset, std::string detail) const
{
    offset = std::min(offset, m_text.size());
    const std::string_view before = m_text.substr(0, offset);
    const auto line = static_cast<std::uint64_t>(1 + std::count(before.begin(), before.end(), '\n'));
    const std::size_t start = before.rfind('\n');
    const std::size_t column = start == std::string_view::npos ? offset + 1 : offset - start;
    return {code, m_subject, std::move(detail), Location{offset, line, column},
        "Copy the whole output of EXPLAIN FORMAT=JSON"};
}

Result<std::size_t> DocumentReader::parseAt(std::size_t at)
{
    const std::string_view rest = m_text.substr(at);
    rapidjson::MemoryStream stream(rest.data(), rest.size());
    rapidjson::Document document;
    document.ParseStream<kFlags>(stream);
    if (document.HasParseError()) {
        const std::size_t offset = at + document.GetErrorOffset();
        if (m_broken)
            m_report.skip("broken-json", offset, 0, rapidjson::GetParseError_En(document.GetParseError()),
                m_text.substr(std::min(offset, m_text.size()), 80));
        else
            m_broken = errorAt(ErrorCode::BadInput, offset,
                offset >= m_text.size() ? "the JSON ends in the middle"
                                        : rapidjson::GetParseError_En(document.GetParseError()));
        return std::max(offset, at + 1);
    }
    const std::size_t end = at + stream.Tell();
    if (!document.IsObject())
        return end;
    ParsedPlan plan;
    const std::string_view source = m_text.substr(at, end - at);
    if (isTooDeep(source))
        return fail(errorAt(ErrorCode::LimitExceeded, at, "the JSON is nested deeper than 1,000 levels"));
    const bool mariadb = source.find("\"r_loops\"") != std::string_view::npos
        || source.find("\"block-nl-join\"") != std::string_view::npos
        || source.find("\"query_optimization\"") != std::string_view::npos
        || source.find("\"read_sorted_file\"") != std::string_view::npos;
    plan.engine = mariadb ? "mariadb" : "mysql";
    plan.format = "json";
    plan.sourceText = source.substr(0, kMaxSourceText);
    if (std::string limit = JsonPlanBuilder(plan).build(document); !limit.empty())
        return fail(errorAt(ErrorCode::LimitExceeded, at, std::move(limit)));
    if (plan.nodes.empty())
        return end;
    for (PlanNode &node : plan.nodes) {
        // MariaDB's time is the sum over all loops.
        if (mariadb && node.row.totalMs && node.row.loops.value_or(0) > 0)
            node.row.totalMs = *node.row.totalMs / *node.row.loops;
    }
    passTimes(plan);
    finishPlan(plan);
    ++m_plans;
    m_take(std::move(plan));
    return end;
}

Result<void> DocumentReader::run()
{
    for (std::size_t at = nextDocument(0); at != std::string_view::npos;) {
        const Result<std::size_t> end = parseAt(at);
        if (!end)
            return fail(end.error());
        at = nextDocument(*end);
    }
    if (m_plans == 0 && m_broken)
        return fail(*m_broken);
    if (m_broken)
        m_report.skip("broken-json", m_broken->where->offset.value_or(0), 0,
            "line " + std::to_string(*m_broken->where->line) + ": " + m_broken->detail,
            m_text.substr(std::min<std::size_t>(m_broken->where->offset.value_or(0), m_text.size()), 80));
    return {};
}

/// The text of a string that a driver or `mysql -B` escaped.
std::string unescaped(std::string_view text)
{
    std::string out;
    out.reserve(text.size());
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (text[i] != '\\' || i + 1 >= text.size()) {
            out += text[i];
            continue;
        }
        const char c = text[++i];
        out += c == 'n' ? '\n' : c == 't' ? '\t' : c;
    }
    return out;
}

} // namespace

bool hasMysqlJson(std::string_view text)
{
    for (const std::string_view key : {"query_block", "query_plan"}) {
        for (std::size_t at = text.find(key); at != std::string_view::npos; at = text.find(key, at + 1)) {
            // A key, not a name in a profile; its quotes may be doubled or escaped.
            const std::string_view rest = text.substr(at + key.size());
            const std::size_t next = rest.find_first_not_of("\\\" \t\r\n");
            if (at > 0 && text[at - 1] == '"' && next != std::string_view::npos && next > 0
                && rest[next] == ':')
                return true;
        }
    }
    return text.find("\"operation\"") != std::string_view::npos
        && (text.find("\"estimated_total_cost\"") != std::string_view::npos
            || text.find("\"inputs\"") != std::string_view::npos);
}

Result<void> parseMysqlJson(std::string_view text, const std::string &subject, ImportReport &report,
    const PlanTaker &take)
{
    std::size_t plans = 0;
    const PlanTaker counting = [&](ParsedPlan &&plan) {
        ++plans;
        take(std::move(plan));
    };
    const bool escaped
        = text.find("\\n ") != std::string_view::npos && text.find("query_block") != std::string_view::npos;
    if (escaped) {
        ImportReport ignored;
        const std::string plain = unescaped(text);
        const Result<void> parsed = DocumentReader(plain, subject, ignored, counting).run();
        if (parsed && plans > 0)
            return {};
    }
    return DocumentReader(text, subject, report, counting).run();
}

} // namespace tailscope::import::explain
