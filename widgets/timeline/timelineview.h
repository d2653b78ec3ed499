// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "items/timelinemodel.h"
#include "items/timelinemodelsearch.h"
#include "widgets/base/view.h"
#include "widgets/timeline/timelinemenu.h"

#include <QJsonObject>

#include <optional>

class QAction;
class QBoxLayout;
class QComboBox;
class QStackedWidget;

namespace tailscope::items {
class SpanArrows;
}

namespace tailscope::widgets {

class Banner;
class ElidedLabel;
class EmptyState;
class SearchBar;
class TimelineCanvas;
class TimelineNoteEditor;
struct TimelineHit;

/// All tracks of all sources over time: spans by lane, counters beside them, markers and notes.
class TimelineView : public View
{
    Q_OBJECT
public:
    explicit TimelineView(session::Session *session, QWidget *parent = nullptr);
    ~TimelineView() override;

    QString showSql() const override;
    QJsonObject saveState() const override;
    void restoreState(const QJsonObject &state) override;
    bool isReady() const override;
    QList<QAction *> viewActions() const override { return m_actions; }
    void startSearch() override;
    void zoomBy(double factor) override;

    TimelineCanvas *canvas() const { return m_canvas; }
    items::TimelineModel *model() const { return m_model; }

private:
    void buildToolBar(QBoxLayout *layout);
    void buildActions();
    void connectAll();
    void updateEmphasis();
    void updateEmptyState();
    void updateClockNote();
    void updateDetails();
    void updateSearchText();
    void updateReady();
    void followSelection();
    void followRange();
    void selectSpan(std::uint32_t row);
    void selectMarker(int index);
    void selectRange(TimeRange range);
    void selectSeries(qint64 seriesId);
    void revealSeries(qint64 seriesId);
    void stepMarker(bool forward);
    void showMarker(qint64 id);
    void startNote();
    void addBookmark();
    void editNote(int markerIndex);
    void keepNote(qint64 noteId, Nanos ts, std::optional<Nanos> end, const QString &text);
    void openMenu(const QPoint &globalPosition);
    void run(TimelineCommand command);
    void runForSpan(TimelineCommand command);
    void runForRow(TimelineCommand command);
    void narrowTo(const QString &field, const std::string &value);
    void exportWithDialog();
    const items::TimelineRow *menuRow() const;

    items::TimelineModel *m_model;
    items::SpanSearch *m_spanSearch;
    items::SpanSearch *m_operationSearch; ///< spans of the operation that another view selected
    items::SpanArrows *m_arrows; ///< around the selected span
    session::LatestJob m_lookup;
    QComboBox *m_sort = nullptr, *m_colour = nullptr;
    SearchBar *m_search;
    Banner *m_banner;
    ElidedLabel *m_clockNote, *m_details;
    QStackedWidget *m_stack;
    TimelineCanvas *m_canvas;
    EmptyState *m_empty;
    TimelineNoteEditor *m_noteEditor;
    QList<QAction *> m_actions;
    QAction *m_hideFiltered = nullptr, *m_showSeries = nullptr;
    QString m_menuRowKey, m_pointedOperation;
    int m_menuMarker = -1;
    bool m_ownRange = false; ///< the range is being set by a drag in here
    bool m_wasReady = false;
};

} // namespace tailscope::widgets
