import { describeProgram } from '../program.ts'

/** A shop behind HTTP. Its tables look alike where they belong together (an order and its lines), and few are twins. */
export const shopProgram = describeProgram(`
  entry src/server.ts
  entry src/worker.ts
  import src/server.ts src/orders/routes.ts
  import src/server.ts src/users/routes.ts
  import src/server.ts src/catalogue/routes.ts
  import src/worker.ts src/orders/shipping.ts
  import src/worker.ts src/billing/invoices.ts

  request src/orders/routes.ts src/orders/routes.ts#createOrder
  request src/orders/routes.ts src/orders/routes.ts#showOrder
  request src/users/routes.ts src/users/routes.ts#register
  request src/users/routes.ts src/users/routes.ts#login
  request src/catalogue/routes.ts src/catalogue/routes.ts#listProducts
  queue src/worker.ts src/orders/shipping.ts#ship
  queue src/worker.ts src/billing/invoices.ts#bill

  src/orders/routes.ts#createOrder insert orders written:id<orderId,user_id<user.id,status,total<cart.total,created_at<now,currency<cart.currency status=new
  src/orders/routes.ts#createOrder insert order_items written:order_id<orderId,product_id<item.product,quantity<item.quantity,price<item.price,created_at<now
  src/orders/routes.ts#createOrder insert order_events written:order_id<orderId,kind,created_at<now kind=created
  src/orders/routes.ts#createOrder update product_stock written:available filtered:product_id
  src/orders/routes.ts#createOrder insert audit_log written:user_id<user.id,action,created_at<now action=order
  src/orders/routes.ts#showOrder select orders read:id,status,total,created_at filtered:id,user_id
  src/orders/routes.ts#showOrder select order_items read:product_id,quantity,price filtered:order_id
  src/orders/routes.ts#showOrder select order_events read:kind,created_at filtered:order_id
  src/orders/routes.ts#showOrder select users read:id,email,name filtered:id
  src/orders/shipping.ts#ship select orders read:id,user_id,status filtered:status status=paid
  src/orders/shipping.ts#ship update orders written:status filtered:id status=shipped
  src/orders/shipping.ts#ship insert shipments written:order_id,carrier,tracking_code,created_at
  src/orders/shipping.ts#ship insert order_events written:order_id,kind,created_at kind=shipped
  src/orders/shipping.ts#ship select user_addresses read:street,city,zip filtered:user_id
  src/billing/invoices.ts#bill select shipments read:order_id,created_at filtered:order_id
  src/billing/invoices.ts#bill select orders read:id,total,currency filtered:id
  src/billing/invoices.ts#bill insert invoices written:order_id,number,total,currency,created_at
  src/billing/invoices.ts#bill insert invoice_lines written:invoice_id,text,price,created_at
  src/billing/invoices.ts#bill select invoices read:number ordered:number
  src/users/routes.ts#register insert users written:id<userId,email<body.email,name<body.name,password_hash<hash,created_at<now
  src/users/routes.ts#register insert user_profiles written:user_id<userId,full_name<body.name,avatar_url,locale,created_at<now
  src/users/routes.ts#register insert user_addresses written:user_id<userId,street,city,zip,created_at<now
  src/users/routes.ts#register insert customers written:customer_id<userId,email_address<body.email,name<body.name,pw_hash<hash,created_at<now
  src/users/routes.ts#login select users read:id,password_hash filtered:email
  src/users/routes.ts#login select customers read:customer_id,pw_hash filtered:email_address
  src/users/routes.ts#login insert sessions written:user_id<user.id,token<token,created_at<now
  src/users/routes.ts#login insert audit_log written:user_id<user.id,action,created_at<now action=login
  src/users/routes.ts#login select sessions read:token filtered:user_id
  src/catalogue/routes.ts#listProducts select products read:id,name,price,created_at
  src/catalogue/routes.ts#listProducts select product_variants read:id,product_id,name,price filtered:product_id
  src/catalogue/routes.ts#listProducts select product_stock read:available filtered:product_id
  src/catalogue/routes.ts#saveProduct upsert products written:id,name,price,updated_at
  src/catalogue/routes.ts#saveProduct upsert product_variants written:id,product_id,name,price,updated_at
  src/catalogue/routes.ts#saveProduct upsert products_old written:id,name,price,updated_at
  prisma/seed.ts# insert countries written:code,name
  src/catalogue/routes.ts#listProducts select countries read:code,name
`)
