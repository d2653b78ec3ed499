// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "import/curltimings/curltimings.h"

#include "base/text.h"
#include "import/common/jsonkeys.h"
#include "import/curltimings/curlreader.h"

namespace tailscope::import {

namespace {

constexpr FormatDescriptor kDescriptor{
    "curl-timings",
    "curl -w timings",
    "*.json *.txt",
    SourceKind::Trace,
    "Written by curl -w '%{json}', or with a template of lines like \"time_total: %{time_total}\".",
};

class CurlTimingsImporter final : public Importer
{
public:
    const FormatDescriptor &descriptor() const override { return kDescriptor; }

    Confidence sniff(std::string_view prefix, std::string_view) const override
    {
        return firstSignificant(prefix) == '{' ? sniffJson(prefix) : sniffText(prefix);
    }

    std::unique_ptr<Reader> newReader(const ReadOptions &) const override
    {
        return std::make_unique<CurlReader>();
    }

private:
    static Confidence sniffJson(std::string_view prefix)
    {
        JsonKeyScan scan(prefix);
        JsonKey key;
        bool lookup = false, total = false;
        while (scan.next(key)) {
            lookup |= key.depth == 1 && (key.name == "time_namelookup" || key.name == "time_starttransfer");
            total |= key.depth == 1 && key.name == "time_total";
        }
        return lookup && total ? Confidence::Strong : Confidence::No;
    }

    static Confidence sniffText(std::string_view prefix)
    {
        // The last line of a cut prefix may lack its number.
        if (prefix.size() >= kSniffBytes)
            prefix = prefix.substr(0, prefix.rfind('\n') + 1);
        std::size_t lines = 0, fields = 0, times = 0;
        for (const std::string_view line : split(prefix, '\n')) {
            if (trimmed(line).empty())
                continue;
            ++lines;
            const auto field = curl::fieldOf(line);
            fields += field ? 1 : 0;
            times += field && curl::isTime(field->key) ? 1 : 0;
        }
        return times >= 2 && fields * 2 > lines ? Confidence::Strong : Confidence::No;
    }
};

} // namespace

const Importer &curlTimingsImporter()
{
    static const CurlTimingsImporter importer;
    return importer;
}

} // namespace tailscope::import
