// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "import/importer.h"

namespace tailscope::import::gatling {

/// Records by tabs: RUN, USER, REQUEST, GROUP, ERROR, ASSERTION. Their fields are found by what they hold, as
/// versions differ in whether the number of the user is written.
class GatlingReader final : public Reader
{
public:
    Result<void> read(ByteSource &source, RowSink &sink, ImportReport &report) override;
};

} // namespace tailscope::import::gatling
