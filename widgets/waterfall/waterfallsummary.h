// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "items/waterfallmodel.h"
#include "widgets/base/canvasaccessible.h"

#include <QWidget>

namespace tailscope::widgets {

/// Two lines above the waterfall: which trace it is, and the time of its critical path by class as a bar of
/// shares, which add up to the duration of the request.
class WaterfallSummary : public QWidget, public AccessibleCanvas
{
    Q_OBJECT
public:
    WaterfallSummary(const session::SessionContext *context, QWidget *parent);

    void setTrace(items::WaterfallModel::Trace trace);
    QString title() const; ///< operation, service, duration, spans, start, clock correction
    QStringList shares() const; ///< "processing 612 ms (43.6 %)", largest first
    QString accessibleValue() const override;
    QSize sizeHint() const override;
    QSize minimumSizeHint() const override { return {160, sizeHint().height()}; }

protected:
    void paintEvent(QPaintEvent *event) override;
    bool event(QEvent *event) override;

private:
    std::vector<analysis::TimeClass> largestFirst() const;
    const session::SessionContext *m_context;
    items::WaterfallModel::Trace m_trace;
};

} // namespace tailscope::widgets
