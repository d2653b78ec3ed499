// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "import/accesslog/accesslog.h"

#include "base/text.h"
#include "import/accesslog/accessline.h"
#include "import/accesslog/accessreader.h"
#include "import/accesslog/logformats.h"
#include "import/accesslog/requestfields.h"
#include "import/accesslog/requestlogreader.h"
#include "import/common/jsonkeys.h"
#include "import/common/jsonwalk.h"

namespace tailscope::import {

namespace {

constexpr FormatDescriptor kAccessDescriptor{
    "access-log",
    "Access log (common, combined)",
    "*.log access*",
    SourceKind::AccessLog,
    "Written by nginx, Apache httpd, HAProxy and others in the common or combined log format.",
};

constexpr FormatDescriptor kRequestDescriptor{
    "request-log",
    "Request log (JSON lines)",
    "*.jsonl *.ndjson *.log",
    SourceKind::AccessLog,
    "Written by web servers and services: one JSON object a request, with time, method, path, status.",
    RecordJoin::Lines,
    jsonOnOneLine,
};

class AccessLogImporter final : public Importer
{
public:
    const FormatDescriptor &descriptor() const override { return kAccessDescriptor; }

    Confidence sniff(std::string_view prefix, std::string_view fileName) const override
    {
        if (prefix.size() >= kSniffBytes)
            prefix = prefix.substr(0, prefix.rfind('\n') + 1);
        if (prefix.starts_with(accesslog::AccessReader::kFormatLine) || hasAskedFormat(prefix, fileName))
            return Confidence::Magic;
        std::size_t lines = 0, requests = 0;
        for (std::string_view line : split(prefix, '\n')) {
            line = trimmed(line);
            if (line.empty() || line.front() == '#')
                continue;
            ++lines;
            const auto fields = accesslog::parseAccessLine(line);
            requests += fields && accesslog::rfcTime(fields->time) != fields->time ? 1 : 0;
        }
        return requests > 0 && requests * 2 > lines ? Confidence::Strong : Confidence::No;
    }

    std::unique_ptr<Reader> newReader(const ReadOptions &options) const override
    {
        return std::make_unique<accesslog::AccessReader>(options);
    }

private:
    /// The user's list has a format for such names, and the lines have it.
    static bool hasAskedFormat(std::string_view prefix, std::string_view fileName)
    {
        const std::string asked = accesslog::rememberedFormat(std::filesystem::path(fileName));
        const auto format = accesslog::LogFormat::compile(asked);
        if (asked.empty() || !format)
            return false;
        std::size_t lines = 0, matches = 0;
        accesslog::LogMatch match;
        for (std::string_view line : split(prefix, '\n')) {
            line = line.ends_with('\r') ? line.substr(0, line.size() - 1) : line;
            lines += line.empty() ? 0 : 1;
            matches += !line.empty() && format->match(line, match) ? 1 : 0;
        }
        return matches * 2 > lines;
    }
};

class RequestLogImporter final : public Importer
{
public:
    const FormatDescriptor &descriptor() const override { return kRequestDescriptor; }

    /// By the keys of the first object: a time, and what was asked for.
    Confidence sniff(std::string_view prefix, std::string_view) const override
    {
        using accesslog::Field;
        if (firstSignificant(prefix) != '{')
            return Confidence::No;
        prefix = prefix.substr(prefix.find('{'));
        JsonKeyScan scan(prefix.substr(0, prefix.find('\n')));
        JsonKey key;
        std::array<bool, accesslog::kFields> has{};
        const auto saw = [&](Field field) { return has[static_cast<std::size_t>(field)]; };
        while (scan.next(key)) {
            if (key.depth == 1)
                has[static_cast<std::size_t>(accesslog::fieldOf(key.name).field)] = true;
            if (key.depth == 1 && (key.name == "ph" || key.name == "operationName"))
                return Confidence::No;
        }
        const bool place = saw(Field::Target) || saw(Field::Route);
        const bool outcome = saw(Field::Status) || saw(Field::Duration);
        const bool request = saw(Field::RequestLine) || (saw(Field::Method) && place);
        return saw(Field::Time) && ((request && outcome) || (place && saw(Field::Status)))
            ? Confidence::Likely
            : Confidence::No;
    }

    std::unique_ptr<Reader> newReader(const ReadOptions &options) const override
    {
        return std::make_unique<accesslog::RequestLogReader>(options);
    }
};

} // namespace

const Importer &accessLogImporter()
{
    static const AccessLogImporter importer;
    return importer;
}

const Importer &requestLogImporter()
{
    static const RequestLogImporter importer;
    return importer;
}

} // namespace tailscope::import
