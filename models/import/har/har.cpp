// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "import/har/har.h"

#include "import/common/jsonkeys.h"
#include "import/har/harreader.h"

namespace tailscope::import {

namespace {

constexpr FormatDescriptor kDescriptor{
    "har",
    "HTTP archive (HAR)",
    "*.har",
    SourceKind::Trace,
    "Exported by the network panel of every browser, by Playwright, Puppeteer, mitmproxy and load tools.",
};

class HarImporter final : public Importer
{
public:
    const FormatDescriptor &descriptor() const override { return kDescriptor; }

    Confidence sniff(std::string_view prefix, std::string_view) const override
    {
        if (firstSignificant(prefix) != '{')
            return Confidence::No;
        JsonKeyScan scan(prefix);
        JsonKey key;
        bool log = false, creator = false, started = false;
        while (scan.next(key)) {
            if (key.depth == 1)
                log = key.name == "log" && key.valueStart == '{';
            if (!log)
                continue;
            creator |= key.depth == 2 && (key.name == "creator" || key.name == "browser");
            started |= key.name == "startedDateTime";
            if (started || (creator && key.depth == 2 && (key.name == "pages" || key.name == "entries")))
                return Confidence::Strong;
        }
        return Confidence::No;
    }

    std::unique_ptr<Reader> newReader(const ReadOptions &options) const override
    {
        return std::make_unique<HarReader>(options);
    }
};

} // namespace

const Importer &harImporter()
{
    static const HarImporter importer;
    return importer;
}

} // namespace tailscope::import
