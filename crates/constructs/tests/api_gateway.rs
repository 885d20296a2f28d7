//! REST APIs with paths and methods.

use serde_json::Value as Json;
use stepmill_constructs::prelude::*;

#[test]
fn a_rest_api_is_deployed_with_its_methods() {
    let stack = Stack::new(&App::new(), "Stack");
    let api = RestApi::new(&stack, "Api").property("Description", "d");
    let orders = api.root().add_resource("orders");
    orders.add_method(HttpMethod::Get);
    let proxy = object! {
        "IntegrationHttpMethod": "PUT",
        "Type": "HTTP_PROXY",
        "Uri": "https://example.com/",
    };
    let order = orders.add_resource("{id}");
    order.add_integrated_method(HttpMethod::Put, proxy);

    let mut ours = stack.template().unwrap().body;
    let cdk: Json = serde_json::from_str(include_str!("data/rest-api.json")).unwrap();
    let mut cdk = cdk["template"].clone();
    // The order in which a deployment waits has no meaning.
    for template in [&mut ours, &mut cdk] {
        for resource in template["Resources"].as_object_mut().unwrap().values_mut() {
            if let Some(ids) = resource.get_mut("DependsOn").and_then(Json::as_array_mut) {
                ids.sort_by_key(Json::to_string);
            }
        }
    }
    assert_eq!(ours, cdk);
}

#[test]
fn a_change_of_the_api_makes_a_new_deployment() {
    let deployment = |method: HttpMethod, description: &str| {
        let stack = Stack::new(&App::new(), "Stack");
        let api = RestApi::new(&stack, "Api").property("Description", description);
        api.root().add_method(method);
        let template = stack.template().unwrap().body;
        let resources = template["Resources"].as_object().unwrap();
        let deployment =
            |(_, resource): &(&String, &Json)| resource["Type"] == "AWS::ApiGateway::Deployment";
        resources.iter().find(deployment).unwrap().0.clone()
    };
    let first = deployment(HttpMethod::Get, "a");
    assert_eq!(first, deployment(HttpMethod::Get, "a"));
    assert_ne!(first, deployment(HttpMethod::Put, "a"));
    assert_ne!(first, deployment(HttpMethod::Get, "b"));
}
