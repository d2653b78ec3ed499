// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "import/common/jsonpull.h"
#include "import/common/jsontext.h"

namespace tailscope::import {

/// The value that begins with the token at hand, as compact JSON text in the bounds of `out` (what lies
/// beyond them is taken and left out). Returns behind the value. `out` is cleared first.
void pullValue(JsonPull &pull, JsonText &out);

} // namespace tailscope::import
