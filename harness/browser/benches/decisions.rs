//! How fast the model decides: `cargo bench -p corspec-browser`.

use std::hint::black_box;
use std::time::Duration;

use corspec_browser::{
    Browser, Bytes, CredentialsMode, Fetch, HeaderList, HttpResponse, Next, Origin, Outcome, Page, Profile,
    RequestInit,
};
use criterion::{BatchSize, Criterion, Throughput, criterion_group, criterion_main};

fn response(status: u16, lines: &[(&'static str, &'static str)]) -> HttpResponse {
    let mut headers = HeaderList::new();
    for (name, value) in lines {
        headers.append(name.as_bytes(), value.as_bytes());
    }
    HttpResponse { status, headers, body: Vec::new() }
}

fn perform(page: &Page, init: RequestInit, responses: impl IntoIterator<Item = HttpResponse>) -> Outcome {
    let mut browser = Browser::new(Profile::Fetch);
    let mut fetch = Fetch::new(page, init);
    let mut responses = responses.into_iter();
    while let Next::Send(request) = fetch.next(&mut browser, Duration::ZERO) {
        black_box(request);
        fetch.receive(&mut browser, Duration::ZERO, responses.next());
    }
    fetch.into_outcome()
}

fn decisions(c: &mut Criterion) {
    let page = Page::new(Origin::parse("https://app.example").expect("an origin"));
    let simple = RequestInit::new("https://api.example/resource");
    let mut preflighted = RequestInit::new("https://api.example/resource");
    preflighted.method = Bytes::Borrowed(b"PUT");
    preflighted.headers = vec![(Bytes::Borrowed(b"X-Token"), Bytes::Borrowed(b"1"))];
    preflighted.credentials = CredentialsMode::Include;

    let granted = [
        ("Access-Control-Allow-Origin", "https://app.example"),
        ("Access-Control-Allow-Credentials", "true"),
    ];
    let preflight = response(
        204,
        &[
            &granted[..],
            &[("Access-Control-Allow-Methods", "GET, PUT"), ("Access-Control-Allow-Headers", "X-Token")],
        ]
        .concat(),
    );
    let actual = response(200, &[&granted[..], &[("Content-Type", "application/json")]].concat());
    assert_eq!(perform(&page, preflighted.clone(), [preflight.clone(), actual.clone()]).name(), "allow");

    let mut group = c.benchmark_group("decisions");
    group.throughput(Throughput::Elements(1));
    group.bench_function("simple", |b| {
        b.iter_batched(
            || (simple.clone(), [actual.clone()]),
            |(init, responses)| perform(&page, init, responses),
            BatchSize::SmallInput,
        );
    });
    group.bench_function("preflighted", |b| {
        b.iter_batched(
            || (preflighted.clone(), [preflight.clone(), actual.clone()]),
            |(init, responses)| perform(&page, init, responses),
            BatchSize::SmallInput,
        );
    });
    group.finish();
}

criterion_group!(benches, decisions);
criterion_main!(benches);
