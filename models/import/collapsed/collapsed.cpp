// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "import/collapsed/collapsed.h"

#include "base/text.h"
#include "import/collapsed/collapsedreader.h"
#include "import/collapsed/stackline.h"

namespace tailscope::import {

namespace {

constexpr FormatDescriptor kDescriptor{
    "collapsed",
    "Collapsed stacks",
    "*.collapsed *.folded *.txt",
    SourceKind::Profile,
    "Written by stackcollapse-*.pl, inferno, async-profiler (-o collapsed), py-spy (--format raw) and "
    "bpftrace scripts.",
};

/// Share of the lines that must be stacks, in percent.
constexpr std::size_t kLikelyPercent = 60;

bool isBinary(std::string_view text)
{
    for (const char c : text) {
        if (static_cast<unsigned char>(c) < 0x20 && c != '\t' && c != '\n' && c != '\r')
            return true;
    }
    return false;
}

class CollapsedImporter final : public Importer
{
public:
    const FormatDescriptor &descriptor() const override { return kDescriptor; }

    Confidence sniff(std::string_view prefix, std::string_view fileName) const override
    {
        if (prefix.empty() || prefix.front() == '{' || isBinary(prefix))
            return Confidence::No;
        // The last line of a cut prefix may lack its number.
        if (prefix.size() >= kSniffBytes)
            prefix = prefix.substr(0, prefix.rfind('\n') + 1);
        std::size_t lines = 0, stacks = 0, separated = 0;
        for (std::string_view line : split(prefix, '\n')) {
            if (line.ends_with('\r'))
                line.remove_suffix(1);
            const StackLine parsed = parseStackLine(line);
            if (parsed.kind == StackLine::Kind::Blank || parsed.kind == StackLine::Kind::Comment)
                continue;
            ++lines;
            if (parsed.kind != StackLine::Kind::Stack)
                continue;
            ++stacks;
            separated += parsed.stack.find(';') != std::string_view::npos ? 1 : 0;
        }
        if (stacks == 0 || stacks * 100 < lines * kLikelyPercent)
            return Confidence::No;
        const std::string name = toLowerAscii(fileName);
        if (name.find(".collapsed") != std::string::npos || name.find(".folded") != std::string::npos)
            return Confidence::Strong;
        // Prose that ends with a number ("SELECT 1") looks like a stack of one frame: stacks have callers.
        return separated * 2 > stacks ? Confidence::Likely : Confidence::No;
    }

    std::unique_ptr<Reader> newReader(const ReadOptions &) const override
    {
        return std::make_unique<CollapsedReader>();
    }
};

} // namespace

const Importer &collapsedImporter()
{
    static const CollapsedImporter importer;
    return importer;
}

} // namespace tailscope::import
