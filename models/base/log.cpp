// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "base/log.h"

namespace tailscope {

Q_LOGGING_CATEGORY(lcImport, "tailscope.import", QtInfoMsg)
Q_LOGGING_CATEGORY(lcStore, "tailscope.store", QtInfoMsg)
Q_LOGGING_CATEGORY(lcAnalysis, "tailscope.analysis", QtInfoMsg)
Q_LOGGING_CATEGORY(lcSlow, "tailscope.slow", QtWarningMsg)

} // namespace tailscope
