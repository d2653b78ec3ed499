// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "import/callgrind/callgrind.h"

#include "base/text.h"
#include "import/callgrind/callgrindreader.h"

namespace tailscope::import {

namespace {

constexpr FormatDescriptor kDescriptor{
    "callgrind",
    "callgrind profile",
    "callgrind.out.* *.callgrind",
    SourceKind::Profile,
    "Written by valgrind --tool=callgrind, by xdebug (cachegrind.out) and by converters for KCachegrind.",
};

class CallgrindImporter final : public Importer
{
public:
    const FormatDescriptor &descriptor() const override { return kDescriptor; }

    Confidence sniff(std::string_view prefix, std::string_view) const override
    {
        if (prefix.find('\0') != std::string_view::npos)
            return Confidence::No;
        bool events = false, function = false;
        for (std::string_view line : split(prefix, '\n')) {
            line = trimmed(line);
            if (line == "# callgrind format")
                return Confidence::Strong;
            events |= line.starts_with("events:");
            function |= line.starts_with("fn=") || line.starts_with("fl=");
            if (events && function)
                return Confidence::Strong;
        }
        return Confidence::No;
    }

    std::unique_ptr<Reader> newReader(const ReadOptions &) const override
    {
        return std::make_unique<CallgrindReader>();
    }
};

} // namespace

const Importer &callgrindImporter()
{
    static const CallgrindImporter importer;
    return importer;
}

} // namespace tailscope::import
