// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "import/explain/explain.h"

#include "base/text.h"
#include "import/explain/frames.h"
#include "import/explain/jsonplan.h"
#include "import/explain/outerframe.h"
#include "import/explain/planreader.h"
#include "import/explain/sniffplan.h"
#include "import/explain/textplan.h"
#include "import/explain/xmlplan.h"
#include "import/explain/yamlplan.h"

#include <algorithm>

namespace tailscope::import {

namespace {

using namespace explain;

Result<void> parseText(std::string_view raw, const std::string &subject, ImportReport &report,
    const PlanTaker &take)
{
    const std::optional<std::string> inner = withoutOuterFrame(raw);
    const UnframedText text = unframe(inner ? std::string_view(*inner) : raw, FrameContent::Text);
    if (Result<void> parsed = parseTextPlans(text, report, take); !parsed) {
        Error error = std::move(parsed.error());
        error.subject = subject;
        return fail(std::move(error));
    }
    if (text.tooManyLines)
        return fail(ErrorCode::LimitExceeded, subject, "plans of more than 3,000,000 lines in one file",
            "Split the file");
    return {};
}

class TextReader final : public PlanReader
{
protected:
    Result<void> parse(std::string_view text, const std::string &subject, ImportReport &report,
        const PlanTaker &take) override
    {
        return parseText(text, subject, report, take);
    }
    std::string_view form() const override { return "TEXT"; }
};

class JsonReader final : public PlanReader
{
protected:
    Result<void> parse(std::string_view text, const std::string &subject, ImportReport &report,
        const PlanTaker &take) override;
    std::string_view form() const override { return "JSON"; }

private:
    Result<void> parseRows(const std::vector<std::string> &rows, const std::string &subject,
        ImportReport &report, const PlanTaker &take);
};

class XmlReader final : public PlanReader
{
protected:
    Result<void> parse(std::string_view text, const std::string &subject, ImportReport &report,
        const PlanTaker &take) override
    {
        if (trimmed(text).starts_with('<'))
            return parseXmlPlans(text, subject, report, take);
        return parseXmlPlans(unframe(text, FrameContent::Json).joined(), subject, report, take);
    }
    std::string_view form() const override { return "XML"; }
};

class YamlReader final : public PlanReader
{
protected:
    Result<void> parse(std::string_view text, const std::string &subject, ImportReport &report,
        const PlanTaker &take) override
    {
        return parseYamlPlans(unframe(text, FrameContent::Json), subject, report, take);
    }
    std::string_view form() const override { return "YAML"; }
};

/// Bare JSON needs no unframing, which would copy it: it begins with a bracket and has no newline mark after
/// it.
bool isBareJson(std::string_view text)
{
    const std::size_t first = text.find_first_not_of(" \t\r\n");
    if (first == std::string_view::npos || (text[first] != '[' && text[first] != '{'))
        return false;
    const std::string_view line = trimmed(text.substr(first, text.find('\n', first) - first));
    return !line.ends_with('+') && !line.ends_with("\u21B5") && !line.starts_with("[options=");
}

/// csv and pgAdmin: the whole value in quotes, those inside doubled. Line ends stay where they are.
std::string withoutDoubledQuotes(std::string_view text)
{
    std::string out;
    out.reserve(text.size());
    std::size_t open = text.find("\"[");
    open = std::min(open, text.find("\"{"));
    out.append(text.substr(0, open));
    for (std::size_t i = open + 1; i < text.size(); ++i) {
        if (text[i] != '"') {
            out += text[i];
        } else if (i + 1 < text.size() && text[i + 1] == '"') {
            out += '"';
            ++i;
        } else {
            // The end of the value; another one may follow.
            const std::size_t next = std::min(text.find("\"[", i + 1), text.find("\"{", i + 1));
            out.append(text.substr(i + 1, next == std::string_view::npos ? next : next - i - 1));
            if (next == std::string_view::npos)
                break;
            i = next;
        }
    }
    return out;
}

Result<void> JsonReader::parse(std::string_view text, const std::string &subject, ImportReport &report,
    const PlanTaker &take)
{
    std::string unframed;
    std::string_view json = text;
    if (!isBareJson(text)) {
        const bool doubled = text.find("\"\"Node Type\"\"") != std::string_view::npos
            && (text.find("\"[") != std::string_view::npos || text.find("\"{") != std::string_view::npos);
        unframed = doubled ? withoutDoubledQuotes(text) : unframe(text, FrameContent::Json).joined();
        json = unframed;
    }
    const Result<JsonPlans> found = parseJsonPlans(json, subject, report, take);
    if (!found)
        return fail(found.error());
    return found->plans == 0 ? parseRows(found->rows, subject, report, take) : Result<void>();
}

/// What a driver returned: the plan's lines, or the JSON as one string.
Result<void> JsonReader::parseRows(const std::vector<std::string> &rows, const std::string &subject,
    ImportReport &report, const PlanTaker &take)
{
    std::string text;
    for (const std::string &row : rows)
        text += row + '\n';
    if (trimmed(text).empty())
        return {};
    const bool json = trimmed(text).starts_with('[') || trimmed(text).starts_with('{');
    if (!json)
        return parseText(text, subject, report, take);
    const Result<JsonPlans> found = parseJsonPlans(text, subject, report, take);
    return found ? Result<void>() : fail(found.error());
}

class JsonPlanImporter final : public Importer
{
public:
    const FormatDescriptor &descriptor() const override
    {
        static const FormatDescriptor kDescriptor{"explain-json", "PostgreSQL EXPLAIN (FORMAT JSON)",
            "*.json *.plan", SourceKind::Plan,
            "EXPLAIN (ANALYZE, BUFFERS, FORMAT JSON), auto_explain with log_format json, copies from psql or "
            "pgAdmin."};
        return kDescriptor;
    }
    Confidence sniff(std::string_view prefix, std::string_view) const override
    {
        return sniffJsonPlan(prefix);
    }
    std::unique_ptr<Reader> newReader(const ReadOptions &) const override
    {
        return std::make_unique<JsonReader>();
    }
};

class TextPlanImporter final : public Importer
{
public:
    const FormatDescriptor &descriptor() const override
    {
        static const FormatDescriptor kDescriptor{"explain-text", "PostgreSQL EXPLAIN (TEXT)",
            "*.txt *.plan *.explain", SourceKind::Plan,
            "EXPLAIN with or without ANALYZE and COSTS, as psql, pgAdmin, grids, mails and auto_explain show "
            "it."};
        return kDescriptor;
    }
    Confidence sniff(std::string_view prefix, std::string_view) const override
    {
        return sniffTextPlan(prefix);
    }
    std::unique_ptr<Reader> newReader(const ReadOptions &) const override
    {
        return std::make_unique<TextReader>();
    }
};

class XmlPlanImporter final : public Importer
{
public:
    const FormatDescriptor &descriptor() const override
    {
        static const FormatDescriptor kDescriptor{"explain-xml", "PostgreSQL EXPLAIN (FORMAT XML)",
            "*.xml *.plan", SourceKind::Plan,
            "EXPLAIN (FORMAT XML), auto_explain with log_format xml, copies from psql."};
        return kDescriptor;
    }
    Confidence sniff(std::string_view prefix, std::string_view) const override
    {
        return sniffXmlPlan(prefix);
    }
    std::unique_ptr<Reader> newReader(const ReadOptions &) const override
    {
        return std::make_unique<XmlReader>();
    }
};

class YamlPlanImporter final : public Importer
{
public:
    const FormatDescriptor &descriptor() const override
    {
        static const FormatDescriptor kDescriptor{"explain-yaml", "PostgreSQL EXPLAIN (FORMAT YAML)",
            "*.yaml *.yml *.plan", SourceKind::Plan,
            "EXPLAIN (FORMAT YAML), auto_explain with log_format yaml, copies from psql."};
        return kDescriptor;
    }
    Confidence sniff(std::string_view prefix, std::string_view) const override
    {
        return sniffYamlPlan(prefix);
    }
    std::unique_ptr<Reader> newReader(const ReadOptions &) const override
    {
        return std::make_unique<YamlReader>();
    }
};

} // namespace

const Importer &explainXmlImporter()
{
    static const XmlPlanImporter importer;
    return importer;
}

const Importer &explainYamlImporter()
{
    static const YamlPlanImporter importer;
    return importer;
}

const Importer &explainJsonImporter()
{
    static const JsonPlanImporter importer;
    return importer;
}

const Importer &explainTextImporter()
{
    static const TextPlanImporter importer;
    return importer;
}

} // namespace tailscope::import
