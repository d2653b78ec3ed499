// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "import/speedscope/speedscope.h"

#include "import/common/jsonkeys.h"
#include "import/speedscope/speedscopereader.h"

namespace tailscope::import {

namespace {

constexpr FormatDescriptor kDescriptor{
    "speedscope",
    "speedscope profile",
    "*.speedscope.json *.json",
    SourceKind::Profile,
    "Written by speedscope, py-spy (--format speedscope), rbspy, dotnet-trace, pyinstrument and Pyroscope.",
};

class SpeedscopeImporter final : public Importer
{
public:
    const FormatDescriptor &descriptor() const override { return kDescriptor; }

    Confidence sniff(std::string_view prefix, std::string_view) const override
    {
        if (firstSignificant(prefix) != '{')
            return Confidence::No;
        JsonKeyScan scan(prefix);
        JsonKey key;
        bool profiles = false, shared = false, start = false, unit = false;
        while (scan.next(key)) {
            // The schema is named by its address, with or without escaped slashes.
            if (key.depth == 1 && key.name == "$schema")
                return isSchema(prefix, key.name) ? Confidence::Strong : Confidence::No;
            profiles |= key.depth == 1 && key.name == "profiles" && key.valueStart == '[';
            shared |= key.depth == 1 && key.name == "shared" && key.valueStart == '{';
            start |= profiles && key.depth == 3 && key.name == "startValue";
            unit |= profiles && key.depth == 3 && key.name == "unit";
        }
        if ((shared && profiles) || (start && unit))
            return Confidence::Strong;
        return Confidence::No;
    }

    std::unique_ptr<Reader> newReader(const ReadOptions &) const override
    {
        return std::make_unique<SpeedscopeReader>();
    }

private:
    /// key is a view into the prefix.
    static bool isSchema(std::string_view prefix, std::string_view key)
    {
        const auto at = static_cast<std::size_t>(key.data() - prefix.data());
        return prefix.substr(at, 200).find("speedscope") != std::string_view::npos;
    }
};

} // namespace

const Importer &speedscopeImporter()
{
    static const SpeedscopeImporter importer;
    return importer;
}

} // namespace tailscope::import
