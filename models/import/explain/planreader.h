// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "import/explain/plandocument.h"
#include "import/importer.h"

#include <string>
#include <string_view>

namespace tailscope::import::explain {

/// What all forms of plans share: reading the whole text, well-formed UTF-8, emitting, "no plan here".
class PlanReader : public Reader
{
public:
    Result<void> read(ByteSource &source, RowSink &sink, ImportReport &report) override;

protected:
    virtual Result<void> parse(std::string_view text, const std::string &subject, ImportReport &report,
        const PlanTaker &take)
        = 0;
    /// What messages call it: "TEXT", "JSON", "MySQL TREE".
    virtual std::string_view form() const = 0;
};

} // namespace tailscope::import::explain
