// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "import/explain/xmlplan.h"

#include "base/text.h"
#include "import/explain/jsonplan.h"
#include "import/explain/plantranscript.h"

#include <QString>
#include <QXmlStreamReader>

#include <algorithm>
#include <array>
#include <vector>

namespace tailscope::import::explain {

namespace {

/// Elements whose children are the items of a list. Every other list has children called Item.
constexpr std::array<std::string_view, 9> kLists{"Grouping-Sets", "Group-Key", "Group-Keys", "Hash-Key",
    "Hash-Keys", "Plans", "Target-Tables", "Triggers", "Workers"};

/// Keys whose value is text even where it looks like a number: names and expressions.
constexpr std::array<std::string_view, 35> kTextKeys{"Alias", "CTE Name", "Cache Key", "Command",
    "Conflict Filter", "Constraint Name", "Custom Plan Provider", "Filter", "Function Call", "Function Name",
    "Hash Cond", "Index Cond", "Index Name", "Item", "Join Filter", "Join Type", "Merge Cond", "Node Type",
    "One-Time Filter", "Order By", "Parent Relationship", "Query Parameters", "Query Text", "Recheck Cond",
    "Relation", "Relation Name", "Relations", "Remote SQL", "Run Condition", "Schema", "Subplan Name",
    "TID Cond", "Table Function Name", "Trigger Name", "Tuplestore Name"};
static_assert(std::is_sorted(kTextKeys.begin(), kTextKeys.end()));

bool isIn(std::string_view name, const auto &list)
{
    return std::find(list.begin(), list.end(), name) != list.end();
}

/// The JSON key of an element: EXPLAIN writes '-' for what a tag cannot hold.
std::string keyOf(std::string_view tag)
{
    std::string key(tag);
    std::replace(key.begin(), key.end(), '-', ' ');
    if (const std::size_t at = key.find("I O "); at != std::string::npos)
        key[at + 1] = '/';
    for (const std::string_view word : {"Full sort ", "Pre sorted ", "One Time "}) {
        if (key.starts_with(word))
            key[word.find(' ')] = '-';
    }
    return key;
}

class XmlTranscript
{
public:
    explicit XmlTranscript(std::int64_t baseLine)
        : m_baseLine(baseLine)
    {}
    /// Nothing, or why the document is refused.
    std::string write(QXmlStreamReader &xml);
    const std::string &text() const { return m_out.text(); }

private:
    struct Level
    {
        std::string tag;
        bool isOpen = false; ///< a bracket was written: it has child elements
        bool isText = false; ///< settings: values are text
    };
    void start(QXmlStreamReader &xml);
    void end();
    void openPending(std::string_view child);

    PlanTranscript m_out;
    std::int64_t m_baseLine;
    std::vector<Level> m_levels;
    std::string m_text;
};

// The element that was open without a bracket has a child: now it shows what it is.
void XmlTranscript::openPending(std::string_view child)
{
    Level &level = m_levels.back();
    if (level.isOpen)
        return;
    level.isOpen = true;
    // <explain> is a list of <Query>; auto_explain writes the parts of one query into it.
    if (child == "Item" || child == "Query" || isIn(level.tag, kLists))
        m_out.startArray();
    else
        m_out.startObject();
}

void XmlTranscript::start(QXmlStreamReader &xml)
{
    const std::string tag = xml.name().toString().toStdString();
    m_out.atLine(m_baseLine + xml.lineNumber() - 1);
    m_text.clear();
    if (m_levels.empty()) {
        m_levels.push_back({tag, false, false}); // <explain>
        return;
    }
    openPending(tag);
    const bool isText = m_levels.back().tag == "Settings";
    if (m_out.isObject())
        m_out.key(isText ? tag : keyOf(tag));
    m_levels.push_back({tag, false, isText});
}

void XmlTranscript::end()
{
    const Level level = std::move(m_levels.back());
    m_levels.pop_back();
    if (level.isOpen) {
        m_out.end();
    } else if (trimmed(m_text).empty() && (m_levels.empty() || isIn(level.tag, kLists))) {
        m_out.startArray();
        m_out.end();
    } else {
        const std::string key = keyOf(level.tag);
        const bool isBare = !level.isText && !std::binary_search(kTextKeys.begin(), kTextKeys.end(), key)
            && (isJsonNumber(m_text) || m_text == "true" || m_text == "false");
        if (isBare)
            m_out.bare(m_text);
        else
            m_out.string(m_text);
    }
    m_text.clear();
}

std::string XmlTranscript::write(QXmlStreamReader &xml)
{
    while (!xml.atEnd()) {
        switch (xml.readNext()) {
        case QXmlStreamReader::DTD:
        case QXmlStreamReader::EntityReference:
            return "the XML declares a document type or entities, which EXPLAIN never does";
        case QXmlStreamReader::StartElement:
            if (m_levels.size() >= kMaxJsonDepth)
                return "the XML is nested deeper than the 10,000 levels a plan may have";
            start(xml);
            break;
        case QXmlStreamReader::Characters:
            m_text += xml.text().toString().toStdString();
            break;
        case QXmlStreamReader::EndElement:
            end();
            if (m_levels.empty())
                return {};
            break;
        default:
            break;
        }
    }
    return {};
}

} // namespace

Result<void> parseXmlPlans(std::string_view text, const std::string &subject, ImportReport &report,
    const PlanTaker &take)
{
    constexpr std::string_view kOpen = "<explain", kClose = "</explain>";
    const PlanTaker retell = withSourceOf(text, "xml", take);
    std::int64_t line = 1;
    std::size_t counted = 0;
    for (std::size_t at = text.find(kOpen); at != std::string_view::npos; at = text.find(kOpen, at + 1)) {
        line += std::count(text.begin() + std::ptrdiff_t(counted), text.begin() + std::ptrdiff_t(at), '\n');
        counted = at;
        const std::size_t close = text.find(kClose, at);
        const std::size_t last = close == std::string_view::npos ? text.size() : close + kClose.size();
        const std::string_view document = text.substr(at, last - at);
        const std::string_view before = text.substr(0, at);
        if (const std::size_t type = before.find("<!DOCTYPE"); type != std::string_view::npos)
            return fail(Error{ErrorCode::BadInput, subject,
                "the XML declares a document type, which EXPLAIN never does", Location{type, {}, {}},
                "Copy the output of EXPLAIN (FORMAT XML) alone"});
        QXmlStreamReader xml(QString::fromUtf8(document.data(), qsizetype(document.size())));
        XmlTranscript transcript(line);
        if (std::string refused = transcript.write(xml); !refused.empty())
            return fail(Error{ErrorCode::BadInput, subject, std::move(refused),
                Location{at, std::uint64_t(line + xml.lineNumber() - 1), {}},
                "Copy the output of EXPLAIN (FORMAT XML) alone"});
        if (xml.hasError())
            report.note(IssueSeverity::DataLoss, "xml-syntax", at,
                "line " + std::to_string(line + xml.lineNumber() - 1) + ": " + xml.errorString().toStdString()
                    + "; what was complete before it was taken");
        const Result<JsonPlans> found = parseJsonPlans(transcript.text(), subject, report, retell, "XML");
        if (!found)
            return fail(found.error());
        at = last - 1;
    }
    return {};
}

} // namespace tailscope::import::explain
