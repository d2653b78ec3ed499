// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "import/perfscript/perfscript.h"

#include "base/text.h"
#include "import/perfscript/perfline.h"
#include "import/perfscript/perfreader.h"

namespace tailscope::import {

namespace {

constexpr FormatDescriptor kDescriptor{
    "perf-script",
    "Linux perf script text",
    "*.txt *.perf *.linux-perf.txt",
    SourceKind::Profile,
    "Printed by `perf script` from a recording of `perf record`, with or without call graphs.",
};

bool isBinary(std::string_view text)
{
    for (const char c : text) {
        if (static_cast<unsigned char>(c) < 0x20 && c != '\t' && c != '\n' && c != '\r')
            return true;
    }
    return false;
}

class PerfScriptImporter final : public Importer
{
public:
    const FormatDescriptor &descriptor() const override { return kDescriptor; }

    /// A head with a frame below it is like nothing else; heads alone are lines of many a log.
    Confidence sniff(std::string_view prefix, std::string_view) const override
    {
        const std::size_t first = prefix.find_first_not_of(" \t\r\n");
        if (first == std::string_view::npos || prefix[first] == '{' || prefix[first] == '['
            || isBinary(prefix))
            return Confidence::No;
        if (prefix.size() >= kSniffBytes)
            prefix = prefix.substr(0, prefix.rfind('\n') + 1);
        std::size_t lines = 0, timed = 0;
        bool belowHead = false;
        for (std::string_view line : split(prefix, '\n')) {
            if (line.ends_with('\r'))
                line.remove_suffix(1);
            if (perf::isBlank(line) || line.front() == '#')
                continue;
            const bool indented = line.front() == ' ' || line.front() == '\t';
            if (belowHead && indented) {
                const auto frame = perf::parseStackFrame(line);
                if (frame && frame->hasAddress)
                    return Confidence::Strong;
            }
            const auto head = perf::parseSampleHead(line);
            ++lines;
            timed += head && head->time && !head->event.empty() ? 1 : 0;
            belowHead = head.has_value();
        }
        return timed > 0 && timed * 10 > lines * 8 ? Confidence::Likely : Confidence::No;
    }

    std::unique_ptr<Reader> newReader(const ReadOptions &) const override
    {
        return std::make_unique<perf::PerfReader>();
    }
};

} // namespace

const Importer &perfScriptImporter()
{
    static const PerfScriptImporter importer;
    return importer;
}

} // namespace tailscope::import
